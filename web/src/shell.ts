/** The frame of the page: header, map, legend, side panel. Built once for each language. */
import { h } from './dom.ts'
import { colourAt, type Colouring } from './colours.ts'
import type { Shape } from './drawing.ts'
import { KINDS, type Kind } from './model.ts'
import { count, t, term } from './words.ts'

export interface ShellEvents {
  home(): void
  language(): void
  key(): void
  kind(kind: Kind): void
  rate(on: boolean): void
  heat(on: boolean): void
  draw(shape: Shape): void
}

export interface Shell {
  root: HTMLElement
  map: HTMLElement
  panel: HTMLElement
  legend: HTMLElement
  mapNote: HTMLElement
  frame: HTMLElement
  kinds: HTMLElement
  tools: HTMLElement
}

export function buildShell(search: HTMLElement, events: ShellEvents): Shell {
  const map = h('div', { id: 'map', 'data-testid': 'map' })
  const panel = h('aside', { id: 'panel', 'aria-label': t('details'), 'aria-busy': 'false', tabindex: -1 })
  const legend = h('div', { class: 'legend', role: 'img' })
  const mapNote = h('p', { class: 'map-note', hidden: true, role: 'status' })
  const kinds = kindChooser(events.kind)
  const tools = mapTools(events)
  const controls = h('div', { class: 'map-controls' }, kinds, tools, mapNote)
  const frame = h('section', { class: 'map-frame', 'aria-label': t('map') }, map, controls, legend)
  const root = h(
    'div',
    { class: 'page' },
    h('a', { class: 'skip', href: '#panel', click: (e) => skipTo(e, panel) }, t('skip')),
    header(search, events),
    h('main', {}, frame, panel),
    h('div', { id: 'announcements', class: 'sr-only', role: 'status', 'aria-live': 'polite' }),
  )
  return { root, map, panel, legend, mapNote, frame, kinds, tools }
}

function header(search: HTMLElement, events: ShellEvents): HTMLElement {
  return h(
    'header',
    { class: 'top' },
    h(
      'button',
      {
        type: 'button',
        class: 'brand',
        click: events.home,
        title: t('toDistrict'),
        'aria-label': `${t('title')} · ${t('toDistrict')}`,
      },
      h('span', { class: 'brand-name' }, t('title')),
      h('span', { class: 'brand-tag' }, t('tagline')),
    ),
    search,
    h(
      'div',
      { class: 'top-buttons' },
      h('button', { type: 'button', click: events.key }, t('changeKey')),
      h(
        'button',
        { type: 'button', id: 'language', 'aria-label': t('switchLanguageLabel'), click: events.language },
        t('switchLanguage'),
      ),
    ),
  )
}

/** Following the link would replace the hash, which holds the route. */
function skipTo(event: Event, panel: HTMLElement): void {
  event.preventDefault()
  panel.focus()
}

function kindChooser(onKind: (kind: Kind) => void): HTMLElement {
  const option = (kind: Kind): HTMLElement =>
    h(
      'label',
      { title: term('kindLong', kind) },
      h('input', {
        type: 'radio',
        name: 'kind',
        value: kind,
        class: 'sr-only',
        'aria-label': term('kindLong', kind),
        change: () => onKind(kind),
      }),
      h('span', {}, term('kind', kind)),
    )
  return h('fieldset', { class: 'kinds' }, h('legend', { class: 'sr-only' }, t('colourBy')), KINDS.map(option))
}

/** Switches that stay in or out, and buttons that begin a drawing. */
function mapTools(events: ShellEvents): HTMLElement {
  const toggle = (name: 'rate' | 'heat', text: string, label: string): HTMLElement => {
    const button = h('button', { type: 'button', name, 'aria-pressed': 'false', 'aria-label': label, title: label }, text)
    button.addEventListener('click', () => {
      const on = button.getAttribute('aria-pressed') !== 'true'
      button.setAttribute('aria-pressed', String(on))
      events[name](on)
    })
    return button
  }
  const draw = (shape: Shape, text: string, label: string): HTMLElement =>
    h(
      'button',
      { type: 'button', name: shape, 'aria-label': label, title: label, click: () => events.draw(shape) },
      text,
    )
  return h(
    'div',
    { class: 'tools', role: 'toolbar', 'aria-label': t('mapTools') },
    toggle('rate', t('per10000'), t('rateLabel')),
    toggle('heat', t('heat'), t('heatLabel')),
    draw('polygon', t('drawPolygon'), t('drawPolygonLabel')),
    draw('line', t('drawLine'), t('drawLineLabel')),
  )
}

/** No switch is in: the map was built anew. */
export function releaseTools(shell: Shell): void {
  for (const button of shell.tools.querySelectorAll('[aria-pressed]')) button.setAttribute('aria-pressed', 'false')
}

export function checkKind(shell: Shell, kind: Kind): void {
  for (const input of shell.kinds.querySelectorAll('input')) input.checked = input.value === kind
}

/** Draws the legend: from each break on, one colour. */
export function drawLegend(shell: Shell, { kind, per10000 }: Colouring, breaks: number[] | null): void {
  shell.legend.hidden = breaks === null
  if (breaks === null) return
  const title = `${term('kindLong', kind)}${per10000 && kind !== 'person' ? ` · ${t('per10000')}` : ''}`
  const steps = [-1, ...breaks.keys()].map((i) => {
    const swatch = h('span', { class: 'swatch' })
    swatch.style.backgroundColor = colourAt(i, breaks)
    return h('li', {}, swatch, i < 0 ? '0' : count(breaks[i] ?? 0))
  })
  shell.legend.setAttribute('aria-label', `${title}: ${breaks.map(count).join(', ') || t('noData')}`)
  shell.legend.replaceChildren(h('span', { class: 'legend-title' }, title), h('ol', {}, steps))
}

/** Grey bars where the panel will be. */
export function skeleton(): HTMLElement {
  return h(
    'div',
    { class: 'panel-body skeleton', 'aria-label': t('loading'), role: 'status' },
    ['w30', 'w70 tall', 'w40', 'block', 'w90', 'w80', 'w90', 'w60'].map((size) => h('div', { class: size })),
  )
}
