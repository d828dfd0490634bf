/** The map: areas coloured by a number, heat, addresses when near, all from the registry's tiles. Emits what is clicked. */
import * as maplibregl from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import 'maplibre-gl/dist/maplibre-gl.css'
import type { Feature } from 'geojson'
import { faultOf } from './api.ts'
import { fillColour, LEVELS, Seen, type Colouring, type Level } from './colours.ts'
import { debounce } from './dom.ts'
import { Drawing } from './drawing.ts'
import type { Box } from './geometry.ts'
import {
  addressLayers,
  AREA_OPACITY,
  areaLabels,
  areaLayers,
  levelAt,
  mapStyle,
  ofLevel,
  tileSources,
  ZOOM,
} from './mapstyle.ts'
import { Heat } from './heat.ts'
import { TOP } from './overlay-style.ts'
import { language } from './words.ts'

// MapLibre 6 stays blank unless its worker is named.
maplibregl.setWorkerUrl(workerUrl)

export interface MapEvents {
  area(code: string): void
  address(aid: string): void
  /** The legend must change: another number, other breaks; null where it would say nothing. */
  legend(breaks: number[] | null): void
  /** Heat says nothing of this kind to this key. */
  heatWithheld(withheld: boolean): void
  fault(error: unknown): void
}

const CLICKABLE = ['points', 'plate-labels', 'compound-labels', 'street-labels']
const TOUCH_MARGIN_PX = 5
const TILES = new URL('ogc/tiles/WebMercatorQuad/', document.baseURI).href
/** Put together by hand: in a URL the braces would be escaped. */
const tilesOf = (collections: string): string => `${TILES}{z}/{y}/{x}?collections=${collections}`

export class DistrictMap {
  readonly map: maplibregl.Map
  readonly drawing: Drawing
  readonly #events: MapEvents
  readonly #ready: Promise<void>
  readonly #heat: Heat
  readonly #seen = new Seen()
  #connected = false
  #withheld = false
  #colouring: Colouring = { kind: 'address', per10000: false }
  #painted = new Map<Level, string>()
  #hovered: string | null = null

  constructor(container: HTMLElement, events: MapEvents) {
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
    this.#heat = new Heat(this.map, tileSources(tilesOf)['heat']!)
    this.map.on('idle', () => this.#look())
    // Long before a slow machine has drawn everything and is idle.
    const look = debounce(() => this.#look(), 150)
    this.map.on('sourcedata', (event) => event.tile && look())
    this.map.on('click', (event) => this.#click(event.point))
    // After that: the click that ends a drawing is no click on what lies below it.
    this.drawing = new Drawing(this.map)
    this.map.on('mousemove', (event) => this.#hover(event.point))
    this.map.on('mouseout', () => this.#unhover())
    this.map.on('error', (event) => this.#fault(event.error))
  }

  /** Shows the tiles; without addresses where this key sees none. Once, until `disconnect`. */
  async connect(withAddresses: boolean): Promise<void> {
    await this.#ready
    if (this.#connected) return
    this.#connected = true
    const { areas, addresses } = tileSources(tilesOf)
    this.map.addSource('areas', areas!)
    if (withAddresses) this.map.addSource('addresses', addresses!)
    const layers = [...areaLayers(), ...(withAddresses ? addressLayers() : []), ...areaLabels()]
    for (const layer of layers) this.map.addLayer(layer, TOP)
  }

  /** Takes the tiles away: whoever comes next may see others. */
  disconnect(): void {
    if (!this.#connected) return
    this.#connected = false
    this.#heat.show(false)
    for (const layer of this.map.getStyle().layers)
      if ('source' in layer && ['areas', 'addresses'].includes(layer.source)) this.map.removeLayer(layer.id)
    for (const source of ['areas', 'addresses']) if (this.map.getSource(source)) this.map.removeSource(source)
    this.#seen.clear()
    this.#painted.clear()
    this.#hovered = null
  }

  colourBy(colouring: Colouring): void {
    this.#colouring = colouring
    this.#look()
  }

  /** Switches the heat of the kind the areas are coloured by. */
  heat(on: boolean): void {
    if (!this.#connected) return
    this.#heat.show(on)
    // Two sets of colours on one another could not be read.
    for (const level of LEVELS) this.map.setPaintProperty(`${level}-fill`, 'fill-opacity', on ? 0.12 : AREA_OPACITY)
    this.#look()
  }

  /** Marks an area, a point or what was drawn, in place of what was marked before. */
  async choose(features: Feature[]): Promise<void> {
    await this.#ready
    const chosen = this.map.getSource<maplibregl.GeoJSONSource>('chosen')
    chosen?.setData({ type: 'FeatureCollection', features })
  }

  /** Draws a line around the areas that are compared. */
  compare(codes: string[]): void {
    if (this.#connected) this.map.setFilter('compared-line', ['in', ['get', 'code'], ['literal', codes]])
  }

  fit(box: Box | null, animate = true): void {
    // Clear of what lies over the map, which takes two lines where it is narrow.
    const narrow = this.map.getContainer().clientWidth < 520
    const padding = narrow ? { top: 92, bottom: 48, left: 12, right: 12 } : { top: 60, bottom: 32, left: 32, right: 32 }
    if (box) this.map.fitBounds(box, { padding, maxZoom: 16, animate, duration: 700 })
  }

  lookAt(point: [number, number], zoom: number): void {
    const target = Math.max(this.map.getZoom(), zoom)
    // A flight across the district takes long and loads what nobody looks at.
    const near = this.map.getBounds().contains(point)
    this.map[near ? 'easeTo' : 'jumpTo']({ center: point, zoom: target, ...(near ? { duration: 500 } : {}) })
  }

  /** Colours the areas anew once tiles have come that change what is much and what is little. */
  #look(): void {
    if (!this.#connected) return
    for (const level of LEVELS) {
      const found = this.map.querySourceFeatures('areas', { sourceLayer: 'areas', filter: ofLevel(level) })
      for (const feature of found) this.#seen.add(level, feature.properties)
      this.#paint(level)
    }
    const withheld = this.#heat.look(this.#colouring.kind)
    if (withheld !== this.#withheld) this.#events.heatWithheld((this.#withheld = withheld))
    // Below heat and among single addresses the areas are a pale ground, not a message.
    const zoom = this.map.getZoom()
    const isPale = zoom >= ZOOM.addresses || this.#heat.isShown
    this.#events.legend(isPale ? null : this.#seen.breaks(levelAt(zoom), this.#colouring))
  }

  #paint(level: Level): void {
    const colour = fillColour(this.#colouring, this.#seen.breaks(level, this.#colouring))
    if (this.#painted.get(level) === JSON.stringify(colour)) return
    this.#painted.set(level, JSON.stringify(colour))
    this.map.setPaintProperty(`${level}-fill`, 'fill-color', colour)
  }

  #areaAt(point: maplibregl.Point): string | null {
    const layers = LEVELS.toReversed().map((level) => `${level}-fill`)
    const code: unknown = this.map.queryRenderedFeatures(point, { layers })[0]?.properties['code']
    return typeof code === 'string' ? code : null
  }

  #addressAt(point: maplibregl.Point): string | null {
    if (!this.map.getSource('addresses')) return null
    const m = TOUCH_MARGIN_PX
    const around: [maplibregl.PointLike, maplibregl.PointLike] = [
      [point.x - m, point.y - m],
      [point.x + m, point.y + m],
    ]
    const aid: unknown = this.map.queryRenderedFeatures(around, { layers: CLICKABLE })[0]?.properties['aid']
    return typeof aid === 'string' ? aid : null
  }

  #click(point: maplibregl.Point): void {
    if (!this.#connected || this.drawing.shape) return
    const aid = this.#addressAt(point)
    if (aid) return this.#events.address(aid)
    const code = this.#areaAt(point)
    if (code) this.#events.area(code)
  }

  #hover(point: maplibregl.Point): void {
    if (!this.#connected || this.drawing.shape) return this.#unhover()
    const code = this.#areaAt(point)
    this.map.getCanvas().style.cursor = code || this.#addressAt(point) ? 'pointer' : ''
    if (code === this.#hovered) return
    this.#unhover()
    if (code) this.map.setFeatureState({ source: 'areas', sourceLayer: 'areas', id: code }, { hover: true })
    this.#hovered = code
  }

  #unhover(): void {
    const id = this.#hovered
    if (id) this.map.setFeatureState({ source: 'areas', sourceLayer: 'areas', id }, { hover: false })
    this.#hovered = null
  }

  /** A tile that was refused is told once; a session that is over takes the tiles away. */
  #fault(error: unknown): void {
    const status: unknown = error instanceof Error && 'status' in error ? error.status : null
    if (typeof status !== 'number') return this.#events.fault(error)
    if (!this.#connected) return
    if (status === 401) this.disconnect()
    this.#events.fault(faultOf(status))
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
