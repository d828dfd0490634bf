/** The search box: an ARIA combobox whose list holds what the service suggests while one types. */
import { isAbort, Problem } from './api.ts'
import { debounce, h } from './dom.ts'
import { announce } from './dialog.ts'
import type { Suggestion } from './model.ts'
import { addressHash, areaHash, cleanAid, looksLikeAid, printAid } from './route.ts'
import { count, t, term } from './words.ts'

export type Suggest = (text: string, signal: AbortSignal) => Promise<Suggestion[]>

/** Shorter than between two keys of a quick typist, so that a word is asked for once. */
const PAUSE_MS = 120

interface Option {
  hash: string
  text: string
  tag: string
  quiet: string
  isCode: boolean
}

export class SearchBox {
  readonly element: HTMLElement
  readonly #input: HTMLInputElement
  readonly #list: HTMLElement
  readonly #note: HTMLElement
  readonly #suggest: Suggest
  #options: Option[] = []
  #active = -1
  #answered = ''
  #asking = new AbortController()

  constructor(suggest: Suggest) {
    this.#suggest = suggest
    this.#input = h('input', {
      type: 'search',
      id: 'search',
      role: 'combobox',
      autocomplete: 'off',
      spellcheck: 'false',
      maxlength: 200,
      enterkeyhint: 'search',
      'aria-expanded': 'false',
      'aria-controls': 'results',
      'aria-autocomplete': 'list',
      placeholder: t('searchHint'),
      'aria-label': `${t('searchLabel')}：${t('searchHint')}`,
    })
    this.#list = h('ul', { id: 'results', role: 'listbox', 'aria-label': t('searchLabel') })
    this.#note = h('p', { class: 'search-note' })
    this.element = h(
      'form',
      { class: 'search', role: 'search', submit: (event) => this.#submit(event) },
      this.#input,
      h('div', { class: 'results', hidden: true }, this.#list, this.#note),
    )
    const ask = debounce(() => void this.#ask(), PAUSE_MS)
    this.#input.addEventListener('input', ask)
    this.#input.addEventListener('keydown', (event) => this.#key(event))
    this.#input.addEventListener('focus', () => this.#options.length > 0 && this.#open(true))
    this.element.addEventListener('focusout', (event) => this.#left(event))
  }

  get text(): string {
    return this.#input.value
  }

  set text(text: string) {
    this.#input.value = text
  }

  #left(event: FocusEvent): void {
    if (!(event.relatedTarget instanceof Node && this.element.contains(event.relatedTarget))) this.#open(false)
  }

  async #ask(): Promise<void> {
    this.#asking.abort()
    this.#asking = new AbortController()
    const text = this.text.trim()
    if (text === '') return this.#show([], '')
    if (looksLikeAid(text)) return this.#finish(text, [codeOption(text)])
    // What was suggested for the text before stays until the answer comes: an empty list at every key would flicker.
    if (this.#options.length === 0) this.#show([], t('searching'))
    try {
      this.#finish(text, (await this.#suggest(text, this.#asking.signal)).flatMap(optionOf))
    } catch (error) {
      if (!isAbort(error)) this.#show([], error instanceof Problem ? error.message : String(error))
    }
  }

  #finish(text: string, options: Option[]): void {
    this.#answered = text
    const note = options.length > 0 ? t('found', { n: count(options.length) }) : t('nothingFound', { q: text })
    this.#show(options, note)
    announce(note)
  }

  #show(options: Option[], note: string): void {
    this.#options = options
    this.#active = -1
    this.#list.replaceChildren(...options.map((option, i) => this.#row(option, i)))
    this.#note.textContent = note
    this.#open(options.length > 0 || note !== '')
    this.#mark()
  }

  #row(option: Option, i: number): HTMLElement {
    return h(
      'li',
      // The list must not take the focus away before the click has arrived.
      {
        id: `result-${i}`,
        role: 'option',
        'aria-selected': 'false',
        mousedown: (e) => e.preventDefault(),
        click: () => this.#choose(option),
      },
      h('span', { class: 'tag' }, option.tag),
      h('span', { class: 'result-text' }, option.text),
      option.quiet !== '' && h('span', { class: option.isCode ? 'quiet code' : 'quiet' }, option.quiet),
    )
  }

  #key(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (event.key === 'Escape') return this.#open(false)
    if (!step || this.#options.length === 0) return
    event.preventDefault()
    this.#open(true)
    this.#active = (this.#active + step + this.#options.length) % this.#options.length
    this.#mark()
  }

  #mark(): void {
    const rows = [...this.#list.children]
    rows.forEach((row, i) => row.setAttribute('aria-selected', String(i === this.#active)))
    const active = rows[this.#active]
    if (active) this.#input.setAttribute('aria-activedescendant', active.id)
    else this.#input.removeAttribute('aria-activedescendant')
    active?.scrollIntoView({ block: 'nearest' })
  }

  #submit(event: Event): void {
    event.preventDefault()
    // Enter must not choose from the answer to an older text.
    const fresh = this.#answered === this.text.trim()
    const chosen = this.#options[Math.max(0, this.#active)]
    if (chosen && (fresh || this.#active >= 0)) this.#choose(chosen)
    else void this.#ask()
  }

  #choose(option: Option): void {
    this.#open(false)
    this.#input.blur()
    location.hash = option.hash
  }

  #open(open: boolean): void {
    this.#list.parentElement?.toggleAttribute('hidden', !open)
    this.#input.setAttribute('aria-expanded', String(open))
  }
}

/** What needs no question to the service: the code itself says what it is of. */
function codeOption(text: string): Option {
  const aid = cleanAid(text)
  const shown = t('openCode', { code: printAid(aid) })
  return { hash: addressHash(aid), text: shown, tag: term('addressKind', aid.charAt(0)), quiet: '', isCode: false }
}

/** Nothing where there is nothing to open: an enterprise that reaches neither an address nor a division. */
function optionOf(found: Suggestion): Option[] {
  const { kind, code, division, part } = found
  const byAddress = kind === 'address' || (kind === 'enterprise' && code !== '')
  if (code === '' && division === '') return []
  return [
    {
      hash: byAddress ? addressHash(code) : areaHash(kind === 'enterprise' ? division : code),
      text: found.text,
      tag: TAG[kind](part),
      quiet: found.note,
      isCode: kind === 'address',
    },
  ]
}

const TAG: Record<Suggestion['kind'], (part: string) => string> = {
  address: (part) => term('addressKind', part),
  division: (part) => term('level', part),
  area: () => t('area'),
  enterprise: () => term('kindLong', 'enterprise'),
}
