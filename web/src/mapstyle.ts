/** How the map looks: the registry's own tiles on plain paper. No tiles, sprites or glyphs from anywhere else. */
import type {
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
  StyleSpecification,
  VectorSourceSpecification,
} from 'maplibre-gl'
import type { FeatureCollection } from 'geojson'
import { LEVELS, RAMP, type Level } from './colours.ts'
import { overlayLayers, SEAL } from './overlay-style.ts'

const PAPER = '#f4f2ec'
const INK = '#22302e'
/** Font stacks only name a weight here: with no glyph server every character is drawn by the browser. */
const FONT = ['Noto Sans CJK SC']
const BOLD = ['Noto Sans CJK SC Bold']

/** From this zoom on communities take over from towns, compounds appear, streets, then everything else. */
export const ZOOM = { communities: 11.5, names: 13, streets: 14, addresses: 15.2, plates: 17 } as const

/** The levels that are filled between two zooms, as the tiles have them: docs/tiles.md. */
const SPANS: Record<Level, { of: string[]; from: number; to: number; labelsTo: number; size: number }> = {
  cities: { of: ['province', 'city'], from: 0, to: 6, labelsTo: 6, size: 13 },
  counties: { of: ['county'], from: 6, to: 8, labelsTo: 8, size: 13 },
  towns: { of: ['town'], from: 8, to: 24, labelsTo: ZOOM.communities + 0.6, size: 13 },
  communities: { of: ['community'], from: ZOOM.communities, to: 24, labelsTo: 14.5, size: 11.5 },
}

export const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] }

const ofKind = (...kinds: string[]): FilterSpecification => ['in', ['get', 'kind'], ['literal', kinds]]
export const ofLevel = (level: Level): FilterSpecification => [
  'all',
  ['==', ['get', 'kind'], 'division'],
  ['in', ['get', 'level'], ['literal', SPANS[level].of]],
]

/** The level that fills the map at a zoom. */
export const levelAt = (zoom: number): Level => LEVELS.findLast((level) => SPANS[level].from <= zoom) ?? 'cities'

const HALO = { 'text-halo-color': '#fffdf7', 'text-halo-width': 1.6 } as const

/** What is there before anybody is let in: paper, and on top what is chosen or drawn. */
export function mapStyle(): StyleSpecification {
  return {
    version: 8,
    sources: { chosen: { type: 'geojson', data: EMPTY }, drawing: { type: 'geojson', data: EMPTY } },
    layers: [{ id: 'paper', type: 'background', paint: { 'background-color': PAPER } }, ...overlayLayers()],
  }
}

/** The sources of tiles, by name; `at` gives the addresses of the tiles of some collections. */
export function tileSources(at: (collections: string) => string): Record<string, VectorSourceSpecification> {
  const source = (collections: string, minzoom: number, maxzoom: number): VectorSourceSpecification => ({
    type: 'vector',
    tiles: [at(collections)],
    minzoom,
    maxzoom,
  })
  return {
    // Beyond 14 outlines have all the detail they will have.
    areas: { ...source('areas,labels', 0, 14), promoteId: { areas: 'code', labels: 'code' } },
    addresses: source('addresses', ZOOM.names, 18),
    heat: source('heat', 0, 18),
  }
}

/** Plain from afar, a pale ground among single addresses. */
export const AREA_OPACITY: ExpressionSpecification = ['interpolate', ['linear'], ['zoom'], 12.5, 0.9, 15, 0.1]

export function areaLayers(): LayerSpecification[] {
  const areas = { source: 'areas', 'source-layer': 'areas' } as const
  const hover: ExpressionSpecification = ['case', ['boolean', ['feature-state', 'hover'], false], 0.12, 0]
  const spans = (level: Level): { minzoom: number; maxzoom: number; filter: FilterSpecification } => ({
    minzoom: SPANS[level].from,
    maxzoom: SPANS[level].to,
    filter: ofLevel(level),
  })
  const line = (level: Level): ExpressionSpecification | number =>
    level === 'communities' ? 1.1 : ['interpolate', ['linear'], ['zoom'], 9, 1.2, 14, 3]
  return [
    ...LEVELS.map((level): LayerSpecification => ({
      id: `${level}-fill`,
      type: 'fill',
      ...areas,
      ...spans(level),
      paint: { 'fill-color': RAMP[0], 'fill-opacity': AREA_OPACITY },
    })),
    ...LEVELS.map((level): LayerSpecification => ({
      id: `${level}-hover`,
      type: 'fill',
      ...areas,
      ...spans(level),
      paint: { 'fill-color': INK, 'fill-opacity': hover },
    })),
    ...LEVELS.toReversed().map((level): LayerSpecification => ({
      id: `${level}-line`,
      type: 'line',
      ...areas,
      ...spans(level),
      paint: { 'line-color': '#fffdf7', 'line-width': line(level) },
    })),
    {
      id: 'compared-line',
      type: 'line',
      ...areas,
      filter: ['in', ['get', 'code'], ['literal', []]],
      paint: { 'line-color': SEAL, 'line-width': 2.2 },
    },
  ]
}

/** Warm where there is much; the cells of the grid are 16 pixels wide until they are the finest, from then on wider. */
export function heatLayer(): LayerSpecification {
  return {
    id: 'heat',
    type: 'heatmap',
    source: 'heat',
    'source-layer': 'heat',
    maxzoom: 17,
    paint: {
      'heatmap-radius': ['interpolate', ['exponential', 2], ['zoom'], 13, 22, 16, 140],
      'heatmap-intensity': 2,
      'heatmap-opacity': ['interpolate', ['linear'], ['zoom'], 13, 0.85, 16.5, 0.35],
      'heatmap-color': [
        'interpolate',
        ['linear'],
        ['heatmap-density'],
        0,
        'rgba(244,242,236,0)',
        0.15,
        'rgba(246,221,166,0.75)',
        0.45,
        '#e9a25a',
        0.75,
        '#d0623f',
        1,
        '#8c2c1e',
      ],
    },
  }
}

export function addressLayers(): LayerSpecification[] {
  const addresses = { source: 'addresses', 'source-layer': 'addresses' } as const
  const label = { 'text-font': FONT, 'text-field': ['get', 'name'] as ExpressionSpecification, 'text-padding': 4 }
  return [
    {
      id: 'points',
      type: 'circle',
      ...addresses,
      minzoom: ZOOM.addresses,
      filter: ofKind('B', 'D', 'P', 'C'),
      paint: {
        'circle-radius': [
          'interpolate',
          ['linear'],
          ['zoom'],
          15,
          ['match', ['get', 'kind'], 'C', 4, 2.4],
          18,
          ['match', ['get', 'kind'], 'C', 7, 5.5],
        ],
        'circle-color': ['match', ['get', 'kind'], 'B', '#2f6f9f', 'C', '#155f5a', 'P', '#b9822b', '#6d7a77'],
        'circle-stroke-color': '#fffdf7',
        'circle-stroke-width': 1.2,
        'circle-opacity': ['match', ['get', 'state'], 'current', 1, 0.6],
      },
    },
    {
      id: 'plate-labels',
      type: 'symbol',
      ...addresses,
      minzoom: ZOOM.plates,
      filter: ofKind('B', 'D', 'P'),
      layout: {
        ...label,
        'text-size': 11,
        'text-variable-anchor': ['top', 'bottom', 'left', 'right'],
        'text-radial-offset': 0.7,
      },
      paint: { 'text-color': '#46524f', ...HALO },
    },
    {
      id: 'street-labels',
      type: 'symbol',
      ...addresses,
      minzoom: ZOOM.streets,
      filter: ofKind('R'),
      layout: { ...label, 'text-size': 11.5, 'text-letter-spacing': 0.12 },
      paint: { 'text-color': '#8a6a3c', ...HALO },
    },
    {
      id: 'compound-labels',
      type: 'symbol',
      ...addresses,
      minzoom: ZOOM.names,
      filter: ofKind('C'),
      layout: {
        ...label,
        'text-size': ['interpolate', ['linear'], ['zoom'], 13, 11, 17, 14],
        'text-variable-anchor': ['top', 'bottom'],
        'text-radial-offset': 0.6,
      },
      paint: { 'text-color': '#10504c', ...HALO },
    },
  ]
}

export function areaLabels(): LayerSpecification[] {
  return LEVELS.toReversed().map((level) => ({
    id: `${level}-labels`,
    type: 'symbol',
    source: 'areas',
    'source-layer': 'labels',
    minzoom: SPANS[level].from,
    maxzoom: SPANS[level].labelsTo,
    filter: ofLevel(level),
    layout: {
      'text-font': level === 'communities' ? FONT : BOLD,
      'text-field': ['get', 'name'],
      'text-size': SPANS[level].size,
      'text-padding': 6,
      'text-max-width': 7,
    },
    paint: { 'text-color': INK, ...HALO },
  }))
}
