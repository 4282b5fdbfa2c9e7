// Run, and while one's own program runs: Stop. A page has no end of its own, so over one it stays Run, which shows the
// page anew; its Stop is on its card. Beside it the menu of the other ways.
import { Icon } from '../../ui/icon'
import { keyName } from '../../ui/keys'
import type { OpenRoom } from './open-room'
import { RunMenu } from './run-menu'

export function RunButton({ room }: { room: OpenRoom }) {
  if (!room.mayRun.value) return null
  const { value: active } = room.runs.active
  if (active !== null && active.run.page === null) {
    return (
      <button type="button" class="button danger run" onClick={() => room.stop()} data-tip={`Stop the program (${keyName('Mod+.')})`}>
        <Icon name="stop" class="solid" />
        Stop
      </button>
    )
  }
  const { value: language } = room.language
  const { where, whyNot } = room.running
  const runs = where.value !== null
  const tip = runs || language === null ? `Run (${keyName('Mod+Enter')})` : whyNot.value === '' ? `${language.name} is only written here` : `${language.name} cannot be run here now`
  return (
    <span class="run-split">
      <button type="button" class="button primary run" aria-disabled={!runs} onClick={() => room.run()} data-tip={tip}>
        <Icon name="play" class="solid" />
        Run
      </button>
      {runs || whyNot.value !== '' ? <RunMenu room={room} /> : null}
    </span>
  )
}
