/** The page: one map, one search box, one panel, and the URL's hash saying what is looked at. */
import { endSession, file, isAbort, Problem } from './api.ts'
import type { Colouring } from './colours.ts'
import { announce, askForKey, faultNotice } from './dialog.ts'
import { DrawBar } from './draw-bar.ts'
import { drawnFeatures, type Shape } from './drawing.ts'
import { isIn, takeKeyFromUrl, useKey } from './key.ts'
import { headingOf, lookUp, panelOf, type Shown } from './looking.ts'
import { DistrictMap } from './map.ts'
import { ZOOM } from './mapstyle.ts'
import type { AddressView, AreaView, Kind } from './model.ts'
import { handOver } from './panels.ts'
import { addressHash, areaHash, baseOf, drawnHash, parseRoute, type Route } from './route.ts'
import { SearchBox } from './search.ts'
import { buildShell, checkKind, drawLegend, releaseTools, skeleton, type Shell } from './shell.ts'
import './styles/index.ts'
import { suggestions } from './wire.ts'
import { allowed, comparisonQuery, FIRST_AREA, type Allowed } from './wire-areas.ts'
import { language, setLanguage, t, term } from './words.ts'

class Page {
  #shell!: Shell
  #map: DistrictMap | null = null
  #bar: DrawBar | null = null
  #search!: SearchBox
  #colouring: Colouring = { kind: 'address', per10000: false }
  #base = ''
  #shown: Shown | null = null
  #allowed: Allowed | null = null
  #going = new AbortController()
  #arrived = false

  start(): void {
    takeKeyFromUrl()
    setLanguage(language())
    this.#build()
    window.addEventListener('hashchange', () => void this.go())
    if (!isIn()) this.#ask('')
    else void this.go()
  }

  /** Goes where the hash points. */
  async go(): Promise<void> {
    if (location.hash.includes('key=')) takeKeyFromUrl()
    if (!isIn()) return this.#ask('')
    this.#going.abort()
    const going = (this.#going = new AbortController())
    this.#map?.drawing.stop()
    this.#busy(true)
    try {
      const shown = await lookUp(parseRoute(location.hash) ?? this.#home(), going.signal)
      this.#allowed ??= await allowed()
      if (!going.signal.aborted) await this.#show(shown)
    } catch (error) {
      if (!going.signal.aborted) this.#fault(error, true)
    } finally {
      if (!going.signal.aborted) this.#busy(false)
    }
  }

  #build(): void {
    const search = new SearchBox(suggestions)
    search.text = this.#search?.text ?? ''
    this.#search = search
    this.#shell = buildShell(search.element, {
      home: () => this.#goHome(),
      language: () => this.#switchLanguage(),
      key: () => this.#changeKey(),
      kind: (kind) => this.#setKind(kind),
      rate: (on) => this.#colourBy({ ...this.#colouring, per10000: on }),
      heat: (on) => this.#map?.heat(on),
      draw: (shape) => this.#drawShape(shape),
    })
    document.body.replaceChildren(this.#shell.root)
    this.#shell.panel.replaceChildren(skeleton())
    this.#colouring = { ...this.#colouring, per10000: false }
    checkKind(this.#shell, this.#colouring.kind)
    this.#buildMap()
  }

  #buildMap(): void {
    this.#map?.drawing.stop()
    this.#map?.map.remove()
    try {
      this.#map = new DistrictMap(this.#shell.map, {
        area: (code) => (location.hash = areaHash(code)),
        address: (aid) => (location.hash = addressHash(aid)),
        legend: (breaks) => drawLegend(this.#shell, this.#colouring, breaks),
        heatWithheld: (withheld) => this.#mapNote(withheld ? this.#withheld() : ''),
        fault: (error) => this.#fault(error, false),
      })
      this.#bar = new DrawBar(this.#map.drawing)
      this.#shell.frame.append(this.#bar.element)
    } catch {
      // No WebGL: the lists and the search still work.
      this.#map = this.#bar = null
      this.#shell.tools.hidden = true
      this.#mapNote(t('mapFailed'))
    }
    Object.assign(globalThis, { addressbook: { map: this.#map?.map } })
  }

  #withheld(): string {
    return t('heatWithheld', { kind: term('kindLong', this.#colouring.kind) })
  }

  #mapNote(text: string): void {
    this.#shell.mapNote.textContent = text
    this.#shell.mapNote.hidden = text === ''
  }

  async #show(shown: Shown): Promise<void> {
    this.#shown = shown
    this.#draw()
    this.#shell.panel.scrollTop = 0
    const heading = headingOf(shown)
    document.title = `${heading} · ${t('title')}`
    announce(heading)
    // Not on arrival: whoever opens the page starts at its top. Who goes on before the map has come has arrived too.
    const arrived = this.#arrived
    this.#arrived = true
    if (arrived) this.#shell.panel.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true })
    await this.#showOnMap(shown, arrived)
  }

  #draw(): void {
    if (!this.#shown) return
    const panel = panelOf(this.#shown, this.#colouring.kind, this.#allowed?.collections ?? [], {
      onKind: (kind) => this.#setKind(kind),
      again: () => this.#shown?.kind === 'drawn' && this.#drawShape(this.#shown.outline.bufferM === null ? 'polygon' : 'line'),
      clear: () => this.#goHome(),
      download: async (asked) => {
        const query = { ...comparisonQuery(asked.codes, asked.of, asked.by), format: 'csv' }
        await file('areas/compare', query)
          .then((blob) => handOver(blob, `compare-${asked.of}-${asked.by}.csv`))
          .catch((error: unknown) => this.#fault(error, false))
      },
    })
    this.#shell.panel.replaceChildren(panel)
  }

  async #showOnMap(shown: Shown, animate: boolean): Promise<void> {
    const map = this.#map
    if (!map) return
    // The place first: tiles of where nobody looks need not be asked for.
    if (shown.kind === 'area') await this.#showAreaOnMap(map, shown.view, animate)
    else if (shown.kind === 'address') await this.#showAddressOnMap(map, shown.view)
    else if (shown.kind === 'compare') await map.choose([])
    else if (shown.kind === 'drawn') {
      await map.choose(drawnFeatures(shown.outline, shown.view.outline))
      map.fit(shown.view.box, animate)
    } else if (shown.asked.place.kind === 'drawn') 
      await map.choose(drawnFeatures(shown.asked.place.outline, shown.asked.place.within ?? null))
    await map.connect(this.#allowed?.layers.includes('addresses') ?? false)
    map.compare(shown.kind === 'compare' ? shown.table.rows.map((row) => row.area.code) : [])
  }

  async #showAddressOnMap(map: DistrictMap, { point, kind, divisions }: AddressView): Promise<void> {
    this.#base = baseOf(divisions.at(-1)?.code ?? this.#base)
    const geometry = point && { type: 'Point' as const, coordinates: point }
    await map.choose(geometry ? [{ type: 'Feature', properties: {}, geometry }] : [])
    if (point) map.lookAt(point, 'RC'.includes(kind) ? ZOOM.addresses + 0.6 : ZOOM.plates + 0.2)
  }

  async #showAreaOnMap(map: DistrictMap, { area, outline, box }: AreaView, animate: boolean): Promise<void> {
    this.#base = baseOf(area.code)
    const isBase = area.code === this.#base
    await map.choose(isBase || !outline ? [] : [{ type: 'Feature', properties: {}, geometry: outline }])
    map.fit(box, animate)
  }

  #home(): Route {
    // Replaced, so that going back from here leaves the page instead of returning to it.
    history.replaceState(null, '', areaHash(FIRST_AREA))
    return { kind: 'area', code: FIRST_AREA }
  }

  #goHome(): void {
    location.hash = areaHash(this.#base || FIRST_AREA)
  }

  #setKind(kind: Kind): void {
    this.#colourBy({ ...this.#colouring, kind })
    checkKind(this.#shell, kind)
    if (this.#shown?.kind === 'area' || this.#shown?.kind === 'drawn') this.#draw()
  }

  #colourBy(colouring: Colouring): void {
    this.#colouring = colouring
    this.#map?.colourBy(colouring)
  }

  #drawShape(shape: Shape): void {
    if (!this.#allowed) return
    this.#shell.frame.classList.add('drawing')
    this.#bar?.begin(
      shape,
      (outline) => (location.hash = drawnHash(outline)),
      () => this.#shell.frame.classList.remove('drawing'),
    )
  }

  #switchLanguage(): void {
    setLanguage(language() === 'zh' ? 'en' : 'zh')
    const camera = this.#map && { center: this.#map.map.getCenter(), zoom: this.#map.map.getZoom() }
    this.#build()
    document.getElementById('language')?.focus()
    this.#arrived = false
    if (camera) this.#map?.map.jumpTo(camera)
    void this.go()
  }

  #changeKey(): void {
    endSession()
    this.#ask('')
  }

  #ask(complaint: string): void {
    this.#busy(false)
    this.#allowed = null
    this.#map?.disconnect()
    releaseTools(this.#shell)
    askForKey((key) => {
      useKey(key)
      void this.go()
    }, complaint)
  }

  #busy(busy: boolean): void {
    this.#shell.panel.setAttribute('aria-busy', String(busy))
  }

  /** A refused key asks again; any other fault is a sentence, in the panel when nothing else can be shown there. */
  #fault(error: unknown, inPanel: boolean): void {
    if (isAbort(error)) return
    if (error instanceof Problem && error.status === 401) return this.#ask(isIn() ? '' : t('keyWrong'))
    if (!(error instanceof Problem)) console.error(error)
    const sentence = error instanceof Problem ? error.message : t('failed', { status: String(error) })
    if (!inPanel) return this.#mapNote(sentence)
    const again = (): void => void this.go()
    this.#shell.panel.replaceChildren(faultNotice(sentence, again, () => this.#goHome()))
  }
}

new Page().start()
