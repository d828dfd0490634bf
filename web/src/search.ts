/** The search box: an ARIA combobox whose list holds areas by name and addresses by text, name or identity code. */
import { isAbort, Problem } from './api.ts'
import { debounce, h } from './dom.ts'
import { announce } from './dialog.ts'
import type { AreaRef, FoundAddress } from './model.ts'
import { addressHash, areaHash, cleanAid, looksLikeAid, printAid } from './route.ts'
import { count, t, term } from './words.ts'

export interface SearchSources {
  areasNamed(text: string): AreaRef[]
  addressesLike(text: string, signal: AbortSignal): Promise<FoundAddress[]>
}

interface Option {
  hash: string
  text: string
  tag: string
  quiet: string
}

export class SearchBox {
  readonly element: HTMLElement
  readonly #input: HTMLInputElement
  readonly #list: HTMLElement
  readonly #note: HTMLElement
  readonly #sources: SearchSources
  #options: Option[] = []
  #active = -1
  #answered = ''
  #asking = new AbortController()

  constructor(sources: SearchSources) {
    this.#sources = sources
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
    const ask = debounce(() => void this.#ask(), 220)
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
    const before = this.#immediate(text)
    this.#show(before, t('searching'))
    try {
      const found = looksLikeAid(text) ? [] : await this.#sources.addressesLike(text, this.#asking.signal)
      this.#finish(text, [...before, ...found.map(addressOption)])
    } catch (error) {
      if (!isAbort(error)) this.#show(before, error instanceof Problem ? error.message : String(error))
    }
  }

  #finish(text: string, options: Option[]): void {
    this.#answered = text
    const note = options.length > 0 ? t('found', { n: count(options.length) }) : t('nothingFound', { q: text })
    this.#show(options, note)
    announce(note)
  }

  /** What needs no question to the service: the code itself, and areas already on the map. */
  #immediate(text: string): Option[] {
    if (looksLikeAid(text)) {
      const aid = cleanAid(text)
      return [
        {
          hash: addressHash(aid),
          text: t('openCode', { code: printAid(aid) }),
          tag: term('addressKind', aid.charAt(0)),
          quiet: '',
        },
      ]
    }
    return this.#sources
      .areasNamed(text)
      .slice(0, 5)
      .map((area) => ({ hash: areaHash(area.code), text: area.name, tag: term('level', area.level), quiet: area.code }))
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
      option.quiet !== '' && h('span', { class: 'quiet code' }, option.quiet),
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

function addressOption(found: FoundAddress): Option {
  return {
    hash: addressHash(found.aid),
    text: found.text,
    tag: term('addressKind', found.kind),
    quiet: printAid(found.aid),
  }
}
