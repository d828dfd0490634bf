/** The side panel of what somebody drew: the same counts as of an area, and ways to draw again or be rid of it. */
import { countTabs, type AreaPanelParts } from './area-panel.ts'
import { h } from './dom.ts'
import type { AreaView } from './model.ts'
import type { Outline } from './outline.ts'
import { count, size, t } from './words.ts'

export interface DrawnEvents {
  again(): void
  clear(): void
}

export function drawnPanel(view: AreaView, outline: Outline, parts: AreaPanelParts, events: DrawnEvents): HTMLElement {
  return h(
    'article',
    { class: 'panel-body' },
    h('header', { class: 'heading' }, h('h2', { tabindex: -1 }, drawnName(outline))),
    h('p', { class: 'code-line' }, t('size', { n: size(view.sizeM2) })),
    h(
      'p',
      { class: 'row' },
      h('button', { type: 'button', class: 'small', click: events.again }, t('drawAgain')),
      h('button', { type: 'button', class: 'small', click: events.clear }, t('clearDrawn')),
    ),
    h('p', { class: 'note' }, t('drawnNote')),
    countTabs(view, parts),
  )
}

export function drawnName({ points, bufferM }: Outline): string {
  if (bufferM === null) return t('drawnArea')
  return t(points.length === 1 ? 'drawnPoint' : 'drawnLine', { n: count(bufferM) })
}
