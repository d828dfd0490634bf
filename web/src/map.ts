/** The map: areas filled by a count, communities when near, addresses when nearer. Emits what is clicked. */
import * as maplibregl from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import 'maplibre-gl/dist/maplibre-gl.css'
import type { Feature, FeatureCollection, Geometry } from 'geojson'
import { debounce } from './dom.ts'
import { boxOf, labelPoints, overlap, type Box } from './geometry.ts'
import { breaksOf, EMPTY, fillColour, mapStyle, ZOOM } from './mapstyle.ts'
import type { ChildArea, Kind } from './model.ts'
import { language } from './words.ts'

// MapLibre 6 stays blank unless its worker is named.
maplibregl.setWorkerUrl(workerUrl)

export type Areas = FeatureCollection<Geometry, ChildArea>
type AreaLayer = 'towns' | 'communities'

export interface MapSources {
  /** Areas directly within `code`, with counts. */
  childrenOf(code: string): Promise<Areas>
  /** Addresses of these kinds in the box, and whether there are more than could be sent. */
  addressesIn(box: Box, kinds: string[], signal: AbortSignal): Promise<{ addresses: FeatureCollection; more: boolean }>
}

export interface MapEvents {
  area(code: string): void
  address(aid: string): void
  /** The legend must change: another kind, other breaks; null where it would say nothing. */
  legend(breaks: number[] | null): void
  /** Not all addresses in view could be shown. */
  truncated(truncated: boolean): void
  fault(error: unknown): void
}

const CLICKABLE = ['points', 'plate-labels', 'compound-labels', 'street-labels']
const TOUCH_MARGIN_PX = 5
const NAMED = ['R', 'C']
const POINTS = ['R', 'C', 'P', 'B', 'D']

export class DistrictMap {
  readonly map: maplibregl.Map
  readonly #sources: MapSources
  readonly #events: MapEvents
  readonly #ready: Promise<void>
  #areas: Record<AreaLayer, Areas> = { towns: EMPTY as Areas, communities: EMPTY as Areas }
  #asked = new Set<string>()
  #asking = new AbortController()
  #kind: Kind = 'address'
  #hovered: { source: AreaLayer; id: string } | null = null

  constructor(container: HTMLElement, sources: MapSources, events: MapEvents) {
    this.#sources = sources
    this.#events = events
    this.map = new maplibregl.Map({
      container,
      style: mapStyle(),
      center: [120.27, 30.18],
      zoom: 9.5,
      maxZoom: 20,
      attributionControl: false,
      localIdeographFontFamily: '"Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif',
      dragRotate: false,
      pitchWithRotate: false,
      locale: controlNames(),
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.keyboard.disableRotation()
    this.map.addControl(new maplibregl.ScaleControl({ maxWidth: 90 }), 'bottom-right')
    this.map.addControl(new maplibregl.NavigationControl({ showCompass: false }), 'bottom-right')
    this.#ready = new Promise((resolve) => this.map.once('load', () => resolve()))
    const settle = debounce(() => void this.#settle(), 120)
    this.map.on('moveend', settle)
    this.map.on('click', (event) => this.#click(event.point))
    this.map.on('mousemove', (event) => this.#hover(event.point))
    this.map.on('mouseout', () => this.#unhover())
  }

  /** Shows the areas within `code` as the base, and looks at them unless something else is to be looked at. */
  async showDistrict(areas: Areas, look: boolean): Promise<void> {
    await this.#ready
    this.#asked.clear()
    this.#areas = { towns: areas, communities: EMPTY as Areas }
    this.#draw('towns')
    this.#draw('communities')
    if (look) this.fit(boxOf(areas.features), false)
    void this.#settle()
  }

  /** Every area the map knows: the search box finds these by name without asking. */
  get known(): Areas['features'] {
    return [...this.#areas.towns.features, ...this.#areas.communities.features]
  }

  async colourBy(kind: Kind): Promise<void> {
    this.#kind = kind
    await this.#ready
    this.#paint('towns')
    this.#paint('communities')
    this.#tellLegend()
  }

  /** Marks an area or a point; null marks nothing. */
  async choose(feature: Feature | null): Promise<void> {
    await this.#ready
    this.#source('chosen').setData({ type: 'FeatureCollection', features: feature ? [feature] : [] })
  }

  fit(box: Box | null, animate = true): void {
    if (box) this.map.fitBounds(box, { padding: 32, maxZoom: 16, animate, duration: 700 })
  }

  lookAt(point: [number, number], zoom: number): void {
    const target = Math.max(this.map.getZoom(), zoom)
    // A flight across the district takes long and loads what nobody looks at.
    // Among single addresses the areas are a pale ground, not a message.
    if (this.map.getZoom() >= ZOOM.addresses) return this.#events.legend(null)
    const near = this.map.getBounds().contains(point)
    this.map[near ? 'easeTo' : 'jumpTo']({ center: point, zoom: target, ...(near ? { duration: 500 } : {}) })
  }

  resize(): void {
    this.map.resize()
  }

  #source(name: string): maplibregl.GeoJSONSource {
    return this.map.getSource<maplibregl.GeoJSONSource>(name) as maplibregl.GeoJSONSource
  }

  #draw(layer: AreaLayer): void {
    this.#source(layer).setData(this.#areas[layer])
    this.#source(`${layer}-names`).setData(labelPoints(this.#areas[layer]))
    this.#paint(layer)
    this.#tellLegend()
  }

  #breaks(layer: AreaLayer): number[] {
    return breaksOf(this.#areas[layer].features.map((f) => f.properties[this.#kind] ?? 0))
  }

  #paint(layer: AreaLayer): void {
    this.map.setPaintProperty(`${layer}-fill`, 'fill-color', fillColour(this.#kind, this.#breaks(layer)))
  }

  #tellLegend(): void {
    // Among single addresses the areas are a pale ground, not a message.
    if (this.map.getZoom() >= ZOOM.addresses) return this.#events.legend(null)
    const near = this.map.getZoom() >= ZOOM.communities && this.#areas.communities.features.length > 0
    this.#events.legend(this.#breaks(near ? 'communities' : 'towns'))
  }

  async #settle(): Promise<void> {
    await this.#ready
    this.#tellLegend()
    await Promise.all([this.#loadCommunities(), this.#loadAddresses()]).catch((error: unknown) =>
      this.#events.fault(error),
    )
  }

  #view(): Box {
    const bounds = this.map.getBounds()
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()]
  }

  async #loadCommunities(): Promise<void> {
    if (this.map.getZoom() < ZOOM.communities - 0.5) return
    const view = this.#view()
    const wanted = this.#areas.towns.features.filter((town) => {
      const box = boxOf([town])
      return box !== null && overlap(box, view) && !this.#asked.has(town.properties.code)
    })
    await Promise.all(wanted.map((town) => this.#loadCommunitiesOf(town.properties.code)))
  }

  async #loadCommunitiesOf(town: string): Promise<void> {
    this.#asked.add(town)
    const base = this.#areas.towns
    try {
      const { features } = await this.#sources.childrenOf(town)
      // The district may have changed while the answer was on its way.
      if (base !== this.#areas.towns || features.length === 0) return
      this.#areas.communities = {
        type: 'FeatureCollection',
        features: [...this.#areas.communities.features, ...features],
      }
      this.#draw('communities')
    } catch (error) {
      this.#asked.delete(town)
      throw error
    }
  }

  async #loadAddresses(): Promise<void> {
    this.#asking.abort()
    this.#asking = new AbortController()
    const zoom = this.map.getZoom()
    if (zoom < ZOOM.names) return this.#events.truncated(false)
    const kinds = zoom < ZOOM.addresses ? NAMED : POINTS
    const { addresses, more } = await this.#sources.addressesIn(this.#view(), kinds, this.#asking.signal)
    this.#source('addresses').setData(addresses)
    this.#events.truncated(more && zoom >= ZOOM.addresses)
  }

  #areaAt(point: maplibregl.Point): { source: AreaLayer; id: string } | null {
    const [hit] = this.map.queryRenderedFeatures(point, { layers: ['communities-fill', 'towns-fill'] })
    const code: unknown = hit?.properties['code']
    return hit && typeof code === 'string' ? { source: hit.source as AreaLayer, id: code } : null
  }

  #addressAt(point: maplibregl.Point): string | null {
    const m = TOUCH_MARGIN_PX
    const around: [maplibregl.PointLike, maplibregl.PointLike] = [
      [point.x - m, point.y - m],
      [point.x + m, point.y + m],
    ]
    const aid: unknown = this.map.queryRenderedFeatures(around, { layers: CLICKABLE })[0]?.properties['aid']
    return typeof aid === 'string' ? aid : null
  }

  #click(point: maplibregl.Point): void {
    const aid = this.#addressAt(point)
    if (aid) return this.#events.address(aid)
    const area = this.#areaAt(point)
    if (area) this.#events.area(area.id)
  }

  #hover(point: maplibregl.Point): void {
    const area = this.#areaAt(point)
    this.map.getCanvas().style.cursor = area || this.#addressAt(point) ? 'pointer' : ''
    if (area?.id === this.#hovered?.id) return
    this.#unhover()
    if (area) this.map.setFeatureState(area, { hover: true })
    this.#hovered = area
  }

  #unhover(): void {
    if (this.#hovered) this.map.setFeatureState(this.#hovered, { hover: false })
    this.#hovered = null
  }
}

function controlNames(): Record<string, string> {
  const zh: Record<string, string> = {
    'Map.Title': '地图',
    'NavigationControl.ZoomIn': '放大',
    'NavigationControl.ZoomOut': '缩小',
    'ScaleControl.Meters': '米',
    'ScaleControl.Kilometers': '公里',
  }
  return language() === 'zh' ? zh : {}
}
