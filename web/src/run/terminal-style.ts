// A style sheet that a script may write under the pages' policy: an element in the place of `<style>`, whose text becomes an
// adopted style sheet for as long as it is in the page. vite.config.ts has xterm make these.

export class TerminalStyle extends HTMLElement {
  readonly #sheet = new CSSStyleSheet()

  override get textContent(): string {
    return Array.from(this.#sheet.cssRules, (rule) => rule.cssText).join('\n')
  }

  override set textContent(text: string | null) {
    this.#sheet.replaceSync(text ?? '')
  }

  connectedCallback(): void {
    this.hidden = true
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.#sheet]
  }

  disconnectedCallback(): void {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== this.#sheet)
  }
}

customElements.get('terminal-style') ?? customElements.define('terminal-style', TerminalStyle)
