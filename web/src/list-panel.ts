/** What is at a place, of one kind, page by page, with a way to take all of it along as a file. */
import { isAbort, Problem } from './api.ts'
import { h } from './dom.ts'
import { exportBox } from './export-box.ts'
import { KINDS, type Listed, type ListPage } from './model.ts'
import { chooser, complaint } from './panels.ts'
import { addressHash, listHash, placeHash, type Route } from './route.ts'
import { count, t, term } from './words.ts'
import { COLLECTION_OF, listPage, PAGE_ITEMS } from './wire-lists.ts'

export type Listing = Extract<Route, { kind: 'list' }>

/** The kind that a collection lists. */
export const kindOf = (collection: string): string =>
  KINDS.find((kind) => COLLECTION_OF[kind] === collection) ?? collection

export class ListPanel {
  readonly element: HTMLElement
  readonly #asked: Listing
  readonly #items = h('ul', { class: 'items' })
  readonly #about = h('p', { class: 'note', role: 'status' })
  readonly #before = h('button', { type: 'button', class: 'small', click: () => this.#turn(-1) }, t('pageBefore'))
  readonly #after = h('button', { type: 'button', class: 'small', click: () => this.#turn(1) }, t('pageAfter'))
  readonly #exports = h('div')
  /** Where each page that was seen begins; pages lead forward only. */
  #cursors: (string | null)[] = [null]
  #page = 0
  #total: number | null = null
  #asking = new AbortController()

  /** `first` is the first page, `name` what the place is called, `collections` those that this key may list. */
  constructor(asked: Listing, first: ListPage, name: string, collections: string[]) {
    this.#asked = asked
    this.#total = first.total
    const kind = kindOf(asked.collection)
    this.element = h(
      'article',
      { class: 'panel-body' },
      h('p', { class: 'crumbs' }, h('a', { href: placeHash(asked.place) }, t('backTo', { name }))),
      h(
        'header',
        { class: 'heading' },
        h('h2', { tabindex: -1 }, t('listOf', { kind: term('kindLong', kind) })),
        h('span', { class: 'tag' }, name),
      ),
      h('div', { class: 'row choosers' }, this.#kinds(collections)),
      this.#about,
      this.#items,
      h('p', { class: 'row pages' }, this.#before, this.#after),
      this.#exports,
    )
    this.#show(first)
    this.#exports.replaceChildren(exportBox(asked, first.total ?? 0))
  }

  #kinds(collections: string[]): HTMLElement {
    const options = KINDS.filter((kind) => collections.includes(COLLECTION_OF[kind])).map(
      (kind) => [COLLECTION_OF[kind], term('kindLong', kind)] as const,
    )
    return chooser(t('list'), options, this.#asked.collection, (collection) => {
      location.hash = listHash(collection, this.#asked.place)
    })
  }

  async #turn(step: number): Promise<void> {
    this.#asking.abort()
    this.#asking = new AbortController()
    const page = this.#page + step
    try {
      const { collection, place } = this.#asked
      const found = await listPage(collection, place, this.#cursors[page] ?? null, this.#asking.signal)
      this.#page = page
      this.#show(found)
    } catch (error) {
      if (!isAbort(error)) this.#items.replaceChildren(complaint(error instanceof Problem ? error.message : String(error)))
    }
  }

  #show(page: ListPage): void {
    this.#cursors[this.#page + 1] = page.next
    this.#before.disabled = this.#page === 0
    this.#after.disabled = page.next === null
    const one = this.#page === 0 && page.next === null
    this.#before.hidden = this.#after.hidden = one
    const total = this.#total === null ? '' : t('listTotal', { n: count(this.#total) })
    const kind = term('kindLong', kindOf(this.#asked.collection))
    this.#about.textContent =
      page.items.length === 0
        ? t('listEmpty', { kind })
        : [total, one ? '' : t('pageOf', { n: this.#page + 1 })].filter(Boolean).join(' · ')
    this.#items.setAttribute('start', String(this.#page * PAGE_ITEMS + 1))
    this.#items.replaceChildren(...page.items.map(listedRow))
    this.#items.closest('#panel')?.scrollTo(0, 0)
  }
}

function listedRow(item: Listed): HTMLElement {
  const isPlace = item.at !== null && item.title === item.at.name
  const title = isPlace && item.at ? h('a', { href: addressHash(item.at.aid) }, item.title) : item.title
  return h(
    'li',
    {},
    h(
      'div',
      { class: 'item-head' },
      h('span', { class: 'item-title' }, title),
      item.tag !== '' && h('span', { class: 'tag' }, item.tag),
    ),
    item.facts.length > 0 && h('p', { class: 'facts' }, item.facts.join(' · ')),
    item.at &&
      !isPlace &&
      h('p', { class: 'facts' }, `${t('at')} `, h('a', { href: addressHash(item.at.aid) }, item.at.name)),
  )
}
