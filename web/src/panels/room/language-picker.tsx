// The language of the file, for everybody. A native list: typed into, spoken and thumbed as every system does it best.
import { Icon } from '../../ui/icon'
import type { LanguageInfo } from '../../api/languages'
import type { OpenRoom } from './open-room'

export function LanguagePicker({ room }: { room: OpenRoom }) {
  const languages = room.languages.value
  const { value: current } = room.language
  const id = room.sync.language.value
  const choose = (event: Event & { currentTarget: HTMLSelectElement }) => {
    const chosen = languages.find((one) => one.id === event.currentTarget.value)
    if (chosen !== undefined) room.chooseLanguage(chosen)
  }
  const inBrowser = languages.filter((one) => one.runtime !== null)
  const onServer = languages.filter((one) => one.runtime === null && one.server !== null)
  const written = languages.filter((one) => one.runtime === null && one.server === null)
  return (
    <span class="language">
      <select class="language-select" aria-label="Language" value={id} disabled={!room.mayEdit.value} onChange={choose}>
        {current === null ? <option value={id}>{id === '' ? '…' : id}</option> : null}
        <Group label="Runs in the browser" languages={inBrowser} />
        <Group label="Runs on the server" languages={onServer} />
        <Group label="Written here" languages={written} />
      </select>
      <Icon name="chevron-down" />
    </span>
  )
}

function Group({ label, languages }: { label: string; languages: readonly LanguageInfo[] }) {
  if (languages.length === 0) return null
  return (
    <optgroup label={label}>
      {languages.map((one) => (
        <option key={one.id} value={one.id} title={one.server === null ? one.why : `${one.server.name} ${one.server.version}`}>
          {one.name}
        </option>
      ))}
    </optgroup>
  )
}
