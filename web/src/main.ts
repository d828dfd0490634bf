/** The page: one map, one search box, one panel, and the URL's hash saying what is looked at. */
import { addressPanel, shortText } from './address-panel.ts'
import { endSession, isAbort, Problem } from './api.ts'
import { areaPanel } from './area-panel.ts'
import { announce, askForKey, faultNotice } from './dialog.ts'
import { boxOf } from './geometry.ts'
import { isIn, takeKeyFromUrl, useKey } from './key.ts'
import { DistrictMap, type Areas } from './map.ts'
import { ZOOM } from './mapstyle.ts'
import type { AddressView, AreaView, ChildArea, Kind } from './model.ts'
import { addressHash, areaHash, baseOf, parseRoute, type Route } from './route.ts'
import { SearchBox } from './search.ts'
import { buildShell, checkKind, drawLegend, skeleton, type Shell } from './shell.ts'
import './style.css'
import { addressesIn, addressView, areaView, childrenOf, FIRST_AREA, suggestions } from './wire.ts'
import { language, setLanguage, t } from './words.ts'

type Shown = { kind: 'area'; view: AreaView; children: Areas } | { kind: 'address'; view: AddressView }

class Page {
  #shell!: Shell
  #map: DistrictMap | null = null
  #search!: SearchBox
  #kind: Kind = 'address'
  #base = ''
  #shown: Shown | null = null
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
    this.#busy(true)
    try {
      const route = parseRoute(location.hash) ?? this.#home()
      const shown = await this.#fetch(route, going.signal)
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
    })
    document.body.replaceChildren(this.#shell.root)
    this.#shell.panel.replaceChildren(skeleton())
    checkKind(this.#shell, this.#kind)
    this.#buildMap()
  }

  #buildMap(): void {
    this.#map?.map.remove()
    try {
      this.#map = new DistrictMap(
        this.#shell.map,
        { childrenOf, addressesIn },
        {
          area: (code) => (location.hash = areaHash(code)),
          address: (aid) => (location.hash = addressHash(aid)),
          legend: (breaks) => drawLegend(this.#shell, this.#kind, breaks),
          truncated: (truncated) => this.#mapNote(truncated ? t('truncated') : ''),
          fault: (error) => this.#fault(error, false),
        },
      )
    } catch {
      // No WebGL: the lists and the search still work.
      this.#map = null
      this.#mapNote(t('mapFailed'))
    }
    Object.assign(globalThis, { addressbook: { map: this.#map?.map } })
  }

  #mapNote(text: string): void {
    this.#shell.mapNote.textContent = text
    this.#shell.mapNote.hidden = text === ''
  }

  async #fetch(route: Route, signal: AbortSignal): Promise<Shown> {
    if (route.kind === 'address') return { kind: 'address', view: await addressView(route.aid, signal) }
    const [view, children] = await Promise.all([areaView(route.code, signal), childrenOf(route.code, signal)])
    return { kind: 'area', view, children }
  }

  async #show(shown: Shown): Promise<void> {
    this.#shown = shown
    this.#draw()
    this.#shell.panel.scrollTop = 0
    const name = shown.kind === 'area' ? shown.view.area.name : shortText(shown.view)
    document.title = `${name} · ${t('title')}`
    announce(name)
    // Not on arrival: whoever opens the page starts at its top.
    if (this.#arrived) this.#shell.panel.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true })
    this.#arrived = true
    await this.#showOnMap(shown)
  }

  #draw(): void {
    if (!this.#shown) return
    const panel =
      this.#shown.kind === 'address'
        ? addressPanel(this.#shown.view)
        : areaPanel(
            this.#shown.view,
            this.#shown.children.features.map((f) => f.properties as ChildArea),
            this.#kind,
            (kind) => this.#setKind(kind),
          )
    this.#shell.panel.replaceChildren(panel)
  }

  async #showOnMap(shown: Shown): Promise<void> {
    if (!this.#map) return
    if (shown.kind === 'area') return this.#showAreaOnMap(shown.view, shown.children)
    await this.#ensureBase(shown.view.divisions.at(-1)?.code ?? '', null, shown.view.point === null)
    const { point } = shown.view
    await this.#map.choose(
      point && { type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: point } },
    )
    if (point) this.#map.lookAt(point, 'RC'.includes(shown.view.kind) ? ZOOM.addresses + 0.6 : ZOOM.plates + 0.2)
  }

  async #showAreaOnMap(view: AreaView, children: Areas): Promise<void> {
    if (!this.#map) return
    const { code } = view.area
    await this.#ensureBase(code, children, code === baseOf(code))
    const known = this.#map.known.find((f) => f.properties.code === code)
    const outline = view.outline
      ? { type: 'Feature' as const, properties: {}, geometry: view.outline }
      : (known ?? null)
    await this.#map.choose(code === this.#base ? null : outline)
    this.#map.fit(boxOf(outline ? [outline] : children.features))
  }

  /** Makes sure the map shows the county (or wider area) that `code` lies in. */
  async #ensureBase(code: string, children: Areas | null, look: boolean): Promise<void> {
    const base = baseOf(code)
    if (base === '' || base === this.#base) return
    const areas = children && base === code ? children : await childrenOf(base)
    this.#base = base
    await this.#map?.showDistrict(areas, look)
    await this.#map?.colourBy(this.#kind)
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
    this.#kind = kind
    checkKind(this.#shell, kind)
    if (this.#shown?.kind === 'area') this.#draw()
    void this.#map?.colourBy(kind)
  }

  #switchLanguage(): void {
    setLanguage(language() === 'zh' ? 'en' : 'zh')
    const camera = this.#map && { center: this.#map.map.getCenter(), zoom: this.#map.map.getZoom() }
    this.#base = ''
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
    if (inPanel)
      this.#shell.panel.replaceChildren(
        faultNotice(
          sentence,
          () => void this.go(),
          () => this.#goHome(),
        ),
      )
    else this.#mapNote(sentence)
  }
}

new Page().start()
