/** What a route shows: asked of the service, and made into a panel. */
import type { Geometry } from 'geojson'
import { addressPanel, shortText } from './address-panel.ts'
import { areaPanel, type AreaPanelParts } from './area-panel.ts'
import { comparePanel, type Compared } from './compare-panel.ts'
import { drawnName, drawnPanel, type DrawnEvents } from './drawn-panel.ts'
import { ListPanel, type Listing } from './list-panel.ts'
import type { AddressView, AreaTable, AreaView, Kind, ListPage } from './model.ts'
import type { Outline } from './outline.ts'
import { listHash, type Place, type Route } from './route.ts'
import { t } from './words.ts'
import { addressView } from './wire.ts'
import { areaView, comparison, drawnView } from './wire-areas.ts'
import { COLLECTION_OF, filterOf, listPage, placed } from './wire-lists.ts'

export type Shown =
  | { kind: 'area'; view: AreaView }
  | { kind: 'address'; view: AddressView }
  | { kind: 'drawn'; view: AreaView; outline: Outline }
  | { kind: 'compare'; asked: Compared; table: AreaTable }
  | { kind: 'list'; asked: Listing; first: ListPage; name: string }

export async function lookUp(route: Route, signal: AbortSignal): Promise<Shown> {
  switch (route.kind) {
    case 'address':
      return { kind: 'address', view: await addressView(route.aid, signal) }
    case 'area':
      return { kind: 'area', view: await areaView(route.code, signal) }
    case 'drawn':
      return { kind: 'drawn', view: await drawnView(route.outline, signal), outline: route.outline }
    case 'compare':
      return { kind: 'compare', asked: route, table: await comparison(route.codes, route.of, route.by, signal) }
    case 'list': {
      const { place, name } = await placed(route.place, signal)
      const first = await listPage(route.collection, place, null, signal)
      const asked = { ...route, place }
      return { kind: 'list', asked, first, name: name || (place.kind === 'drawn' ? drawnName(place.outline) : '') }
    }
  }
}

/** What the panel is called in the title and when it is read out. */
export function headingOf(shown: Shown): string {
  switch (shown.kind) {
    case 'address':
      return shortText(shown.view)
    case 'area':
      return shown.view.area.name
    case 'drawn':
      return drawnName(shown.outline)
    case 'compare':
      return t('comparison')
    case 'list':
      return `${t('list')} · ${shown.name}`
  }
}

export interface PanelEvents extends DrawnEvents {
  onKind(kind: Kind): void
  download(asked: Compared): Promise<void>
}

const lyingIn = (outline: Geometry | null): { within?: Geometry } => (outline ? { within: outline } : {})

/** The panel; `collections` are those that this key may list. */
export function panelOf(shown: Shown, kind: Kind, collections: string[], events: PanelEvents): HTMLElement {
  const listed = (place: Place) => (of: Kind) => {
    const may = filterOf(place) !== null && collections.includes(COLLECTION_OF[of])
    return may ? listHash(COLLECTION_OF[of], place) : null
  }
  const parts = (place: Place): AreaPanelParts => ({ kind, onKind: events.onKind, listHash: listed(place) })
  switch (shown.kind) {
    case 'address':
      return addressPanel(shown.view, listed({ kind: 'address', aid: shown.view.aid }))
    case 'area':
      return areaPanel(shown.view, parts({ kind: 'area', code: shown.view.area.code }))
    case 'drawn': {
      const place: Place = { kind: 'drawn', outline: shown.outline, ...lyingIn(shown.view.outline) }
      return drawnPanel(shown.view, shown.outline, parts(place), events)
    }
    case 'compare':
      return comparePanel(shown.asked, shown.table, () => events.download(shown.asked))
    case 'list':
      return new ListPanel(shown.asked, shown.first, shown.name, collections).element
  }
}
