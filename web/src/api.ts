/** Asking the service. Every fault becomes a Problem with a sentence that can be shown as it is. */
import { enter, forget, leave } from './key.ts'
import { pick, t } from './words.ts'

/** A refusal or failure; `message` is a sentence in the language in use, Chinese first where the service gives it. */
export class Problem extends Error {
  override name = 'Problem'
  readonly status: number
  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

export type Query = Record<string, string | number | undefined>

/** GET `path` (relative to the page, so that a prefix in front of the service does no harm) as JSON. */
export async function get(path: string, query: Query = {}, signal?: AbortSignal): Promise<unknown> {
  return (await ask(path, query, signal ? { signal } : {})).json()
}

/** GET `path` as a file. */
export async function file(path: string, query: Query): Promise<Blob> {
  return (await ask(path, query, {})).blob()
}

/** POST or DELETE `path`, with the token that changes asked by a session need besides its cookie. */
export async function send(
  method: 'POST' | 'DELETE',
  path: string,
  of: { query?: Query; body?: unknown; signal?: AbortSignal } = {},
): Promise<unknown> {
  await enter(askSession)
  const headers = { 'X-CSRF-Token': await changeToken(), 'Content-Type': 'application/json' }
  const body = of.body === undefined ? {} : { body: JSON.stringify(of.body) }
  const signal = of.signal ? { signal: of.signal } : {}
  return (await ask(path, of.query ?? {}, { method, headers, ...body, ...signal })).json()
}

/** Who is asking: the role of the key behind the session. */
export async function roleOfSession(): Promise<string> {
  return String((await session())['role'])
}

/** Ends the session: the next request needs a key again. */
export const endSession = (): void => leave(changeToken, askSession)

/** The fault of an answer that did not come through here: of a tile, which the map asks for itself. */
export function faultOf(status: number): Problem {
  if (status === 401) forget()
  return new Problem(status === 0 ? t('offline') : t('failed', { status }), status)
}

async function ask(path: string, query: Query, request: RequestInit): Promise<Response> {
  await enter(askSession)
  const url = new URL(path, document.baseURI)
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value))
  return answered(url, request)
}

const askSession = (request: RequestInit): Promise<Response> => answered(new URL('session', document.baseURI), request)

async function session(): Promise<Record<string, unknown>> {
  const told: unknown = await (await askSession({})).json()
  return typeof told === 'object' && told !== null ? (told as Record<string, unknown>) : {}
}

const changeToken = async (): Promise<string> => String((await session())['csrf'] ?? '')

async function answered(url: URL, request: RequestInit): Promise<Response> {
  const response = await reach(url, {
    ...request,
    headers: { Accept: 'application/json, application/geo+json', ...request.headers },
    credentials: 'same-origin',
  })
  if (!response.ok) throw await problemOf(response)
  return response
}

async function reach(url: URL, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request)
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Problem(t('offline'), 0)
  }
}

async function problemOf(response: Response): Promise<Problem> {
  if (response.status === 401) forget()
  const sentence = sentenceOf(await response.json().catch(() => null))
  return new Problem(sentence || t('failed', { status: response.status }), response.status)
}

/** The sentence of an RFC 9457 problem: detail_zh, else detail, else title, with the remedy behind it. */
function sentenceOf(body: unknown): string {
  if (typeof body !== 'object' || body === null) return ''
  const texts = body as Record<string, unknown>
  const text = (name: string): string => (typeof texts[name] === 'string' ? texts[name] : '')
  const detail = pick(text('detail_zh') || text('detail'), text('detail') || text('detail_zh'))
  return detail || text('title')
}

export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError'
