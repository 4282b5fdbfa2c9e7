// One's own settings: they change as they are touched, in all tabs of this browser, and nobody else sees them.
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Segments } from '../../ui/field'
import { defaultPreferences, fontSizes, type Preferences, preferences, setPreference, tabSizes } from '../../ui/preferences'
import './settings.css'

const themeChoices = [
  { value: 'system', text: 'System' },
  { value: 'light', text: 'Light' },
  { value: 'dark', text: 'Dark' },
] as const

const keymapChoices = [
  { value: 'standard', text: 'Standard' },
  { value: 'vim', text: 'Vim' },
  { value: 'emacs', text: 'Emacs' },
] as const

export function SettingsDialog({ onClose }: { onClose(): void }) {
  const { theme, keymap, tabSize } = preferences.value
  return (
    <Dialog title="Settings" onClose={onClose}>
      <div class="settings">
        <Row label="Theme">
          <Segments label="Theme" choices={themeChoices} value={theme} onChange={(value) => setPreference('theme', value)} />
        </Row>
        <Row label="Keys">
          <Segments label="Keys" choices={keymapChoices} value={keymap} onChange={(value) => setPreference('keymap', value)} />
        </Row>
        <FontSize />
        <Row label="Tab size">
          <Segments
            label="Tab size"
            choices={tabSizes.map((value) => ({ value, text: String(value) }))}
            value={tabSize as (typeof tabSizes)[number]}
            onChange={(value) => setPreference('tabSize', value)}
          />
        </Row>
        <Switch label="Wrap long lines" name="wrap" />
        <Switch label="Close brackets and quotes" name="closeBrackets" />
        <Switch label="Ligatures" says="Draws => and != as one sign, if the font has them." name="ligatures" />
      </div>
      <div class="settings-end">
        <p class="meta">For you alone, remembered by this browser.</p>
        <Button kind="quiet" onClick={() => (preferences.value = defaultPreferences)}>
          Reset all settings
        </Button>
      </div>
    </Dialog>
  )
}

function Row({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="setting">
      <span class="setting-label" aria-hidden="true">
        {label}
      </span>
      {children}
    </div>
  )
}

function FontSize() {
  const { fontSize } = preferences.value
  const id = useId()
  return (
    <div class="setting">
      <label class="setting-label" for={id}>
        Font size
      </label>
      <span class="setting-range">
        <input
          id={id}
          type="range"
          min={fontSizes.least}
          max={fontSizes.most}
          step={1}
          value={fontSize}
          aria-valuetext={`${fontSize} pixels`}
          onInput={(event) => setPreference('fontSize', Number(event.currentTarget.value))}
        />
        <output>{fontSize} px</output>
      </span>
    </div>
  )
}

type Flag = { [K in keyof Preferences]: Preferences[K] extends boolean ? K : never }[keyof Preferences]

function Switch({ label, says, name }: { label: string; says?: string; name: Flag }) {
  const id = useId()
  return (
    <div class="setting">
      <label class="setting-label" for={id}>
        {label}
        {says === undefined ? null : <span class="meta setting-says">{says}</span>}
      </label>
      <input
        id={id}
        class="switch"
        type="checkbox"
        role="switch"
        checked={preferences.value[name]}
        onChange={(event) => setPreference(name, event.currentTarget.checked)}
      />
    </div>
  )
}
