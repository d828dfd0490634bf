/** Drawing on the map: each click is a corner; the double click, the first corner or Enter end it, Escape gives it up. */
import type * as maplibregl from 'maplibre-gl'
import type { Feature, Geometry } from 'geojson'
import { EMPTY } from './mapstyle.ts'
import { crosses, geometryOf, pixelsAtZoom0, type Outline, type Point } from './outline.ts'

export type Shape = 'polygon' | 'line'
/** What keeps a drawing from being whole. */
export type Flaw = 'more' | 'crosses' | null

export interface DrawingEvents {
  /** Another point, one less, another width. */
  changed(points: Point[], flaw: Flaw): void
  done(outline: Outline): void
  /** Nothing is drawn any more, whether it was finished or given up. */
  over(): void
}

/** Clicks as near as this are one: the second of a double click. */
const SAME_PX = 6

export class Drawing {
  readonly #map: maplibregl.Map
  #events: DrawingEvents | null = null
  #points: Point[] = []
  #pointer: Point | null = null
  #bufferM: number | null = null
  shape: Shape | null = null

  constructor(map: maplibregl.Map) {
    this.#map = map
    map.on('click', (event) => this.#click(event))
    map.on('mousemove', (event) => this.#move(event))
    map.on('dblclick', (event) => this.shape && (event.preventDefault(), this.finish()))
  }

  /** Begins anew; `bufferM` is the width of a line. */
  start(shape: Shape, bufferM: number, events: DrawingEvents): void {
    this.stop()
    this.shape = shape
    this.#events = events
    this.#bufferM = shape === 'line' ? bufferM : null
    this.#map.doubleClickZoom.disable()
    this.#map.getCanvas().style.cursor = 'crosshair'
    document.addEventListener('keydown', this.#key)
    this.#tell()
  }

  /** Gives up what is being drawn. */
  stop(): void {
    if (!this.shape) return
    this.shape = null
    this.#points = []
    this.#pointer = null
    this.#map.doubleClickZoom.enable()
    this.#map.getCanvas().style.cursor = ''
    document.removeEventListener('keydown', this.#key)
    this.#draw()
    this.#events?.over()
  }

  undo(): void {
    this.#points.pop()
    this.#tell()
  }

  /** These points and no others: they were typed. */
  replace(points: Point[]): void {
    this.#points = points
    this.#tell()
  }

  /** Another width of a line, in metres. */
  widen(bufferM: number): void {
    if (this.shape !== 'line') return
    this.#bufferM = bufferM
    this.#tell()
  }

  /** Ends it where it is whole; else says what is wrong and goes on. */
  finish(): void {
    const flaw = this.#flaw(true)
    this.#events?.changed(this.#points, flaw)
    if (flaw !== null) return
    const [events, outline] = [this.#events, { points: this.#points, bufferM: this.#bufferM }]
    this.stop()
    events?.done(outline)
  }

  #flaw(atTheEnd: boolean): Flaw {
    if (this.shape === 'polygon' && crosses(this.#points, atTheEnd)) return 'crosses'
    return atTheEnd && this.#points.length < (this.shape === 'polygon' ? 3 : 1) ? 'more' : null
  }

  #click(event: maplibregl.MapMouseEvent): void {
    if (!this.shape) return
    const [first, last] = [this.#points[0], this.#points.at(-1)]
    if (last && this.#isNear(last, event.point)) return
    if (this.shape === 'polygon' && first && this.#points.length > 2 && this.#isNear(first, event.point)) {
      this.finish()
      return
    }
    this.#points.push([event.lngLat.lng, event.lngLat.lat])
    this.#tell()
  }

  #isNear(point: Point, at: maplibregl.Point): boolean {
    const there = this.#map.project(point)
    return Math.hypot(there.x - at.x, there.y - at.y) <= SAME_PX
  }

  #move(event: maplibregl.MapMouseEvent): void {
    if (!this.shape) return
    this.#pointer = [event.lngLat.lng, event.lngLat.lat]
    this.#draw()
  }

  readonly #key = (event: KeyboardEvent): void => {
    const typing = event.target instanceof HTMLElement && event.target.matches('input, button, select')
    if (event.key === 'Escape') this.stop()
    else if (event.key === 'Enter' && !typing) this.finish()
    else if (event.key === 'Backspace' && !typing) this.undo()
    else return
    event.preventDefault()
  }

  #tell(): void {
    this.#draw()
    this.#events?.changed(this.#points, this.#flaw(false))
  }

  #draw(): void {
    const features = this.shape ? this.#features() : EMPTY.features
    this.#map.getSource<maplibregl.GeoJSONSource>('drawing')?.setData({ type: 'FeatureCollection', features })
  }

  #features(): Feature[] {
    const corners = this.#points.map(
      (point): Feature => ({
        type: 'Feature',
        properties: { corner: true },
        geometry: { type: 'Point', coordinates: point },
      }),
    )
    const points = this.#pointer && this.#points.length > 0 ? [...this.#points, this.#pointer] : this.#points
    if (points.length === 0) return []
    const closed = this.shape === 'polygon' && points.length > 2
    return [drawnFeature({ points, bufferM: closed ? null : (this.#bufferM ?? 0) }), ...corners]
  }
}

/** An outline as the map draws it while it is drawn: about as wide as its buffer. */
function drawnFeature(outline: Outline): Feature {
  const wide = pixelsAtZoom0(outline)
  const properties = { drawn: true, ...(wide > 0 ? { wide } : {}) }
  return { type: 'Feature', properties, geometry: geometryOf(outline) }
}

/** What was drawn, and with a width what lies within it, as it was counted. */
export function drawnFeatures(outline: Outline, covered: Geometry | null): Feature[] {
  const geometries = covered ? [covered, geometryOf(outline)] : [geometryOf(outline)]
  return geometries.map((geometry) => ({ type: 'Feature', properties: { drawn: true }, geometry }))
}
