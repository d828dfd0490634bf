/** The heat layer: asked for only when somebody wants it, and warm in proportion to what is in view. */
import type * as maplibregl from 'maplibre-gl'
import { heatLayer } from './mapstyle.ts'
import type { Kind } from './model.ts'
import { TOP } from './overlay-style.ts'

/** The part of the cells that is less warm than the warmest colour. */
const BELOW_THE_WARMEST = 0.97

export class Heat {
  readonly #map: maplibregl.Map
  readonly #source: maplibregl.VectorSourceSpecification
  #painted = ''

  constructor(map: maplibregl.Map, source: maplibregl.VectorSourceSpecification) {
    this.#map = map
    this.#source = source
  }

  get isShown(): boolean {
    return this.#map.getLayer('heat') !== undefined
  }

  show(on: boolean): void {
    if (!on) {
      if (this.isShown) this.#map.removeLayer('heat').removeSource('heat')
      this.#painted = ''
    } else if (!this.isShown) {
      this.#map.addSource('heat', this.#source)
      // Below the names: they have to stay readable.
      const names = this.#map.getStyle().layers.find((layer) => layer.type === 'symbol')
      this.#map.addLayer(heatLayer(), names?.id ?? TOP)
    }
  }

  /** Fits the warmth of a kind to the cells that have come; whether that kind is withheld from this key. */
  look(kind: Kind): boolean {
    if (!this.isShown) return false
    const cells = this.#map.querySourceFeatures('heat', { sourceLayer: 'heat' }).map((cell) => cell.properties)
    const counts = cells.flatMap((cell) => (typeof cell[kind] === 'number' ? [cell[kind]] : []))
    const sorted = counts.toSorted((a, b) => a - b)
    const much = Math.max(1, sorted[Math.floor(sorted.length * BELOW_THE_WARMEST)] ?? 1)
    this.#paint(kind, much)
    return cells.some((cell) => String(cell['withheld'] ?? '').split(',').includes(kind))
  }

  #paint(kind: Kind, much: number): void {
    if (this.#painted === `${kind} ${much}`) return
    this.#painted = `${kind} ${much}`
    const weight: maplibregl.ExpressionSpecification = ['sqrt', ['min', 1, ['/', ['coalesce', ['get', kind], 0], much]]]
    this.#map.setPaintProperty('heat', 'heatmap-weight', weight)
  }
}
