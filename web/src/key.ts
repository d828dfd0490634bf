/**
 * How one gets in: the access key is sent once, for a session whose cookie no script can read. The key itself is kept
 * nowhere; it never stays in the URL and never reaches the server's log.
 */

/** Says in this tab, over a reload, that there is a session. Nothing in it opens anything. */
const SLOT = 'addressbook.in'

let pending = ''
let entering: Promise<void> | null = null
let leaving: Promise<unknown> = Promise.resolve()

/** Takes `#key=…` out of the URL, so that neither a bookmark nor the history keeps it. */
export function takeKeyFromUrl(): void {
  const parts = new URLSearchParams(location.hash.replace(/^#/, ''))
  const key = parts.get('key')
  if (key === null) return
  parts.delete('key')
  if (key) useKey(key)
  const rest = parts.toString()
  history.replaceState(null, '', location.pathname + location.search + (rest ? `#${rest}` : ''))
}

export const isIn = (): boolean => pending !== '' || sessionStorage.getItem(SLOT) !== null

/** The key with which the next request gets in. */
export function useKey(key: string): void {
  pending = key.trim()
}

/** There is no session any more, or the key was refused. */
export function forget(): void {
  pending = ''
  sessionStorage.removeItem(SLOT)
}

/** Begins the session where a key waits for it; `ask` sends a request and throws what is to be shown when it is refused. */
export function enter(ask: (request: RequestInit) => Promise<unknown>): Promise<void> {
  if (pending === '') return entering ?? Promise.resolve()
  entering ??= begin(ask, pending).finally(() => (entering = null))
  return entering
}

async function begin(ask: (request: RequestInit) => Promise<unknown>, key: string): Promise<void> {
  await leaving
  await ask({ method: 'POST', headers: { Authorization: `Bearer ${key}` } })
  pending = ''
  sessionStorage.setItem(SLOT, '1')
}

/** Ends the session; `token` tells what a change has to bring besides the cookie. */
export function leave(token: () => Promise<string>, ask: (request: RequestInit) => Promise<unknown>): void {
  forget()
  leaving = token()
    .then((csrf) => ask({ method: 'DELETE', headers: { 'X-CSRF-Token': csrf } }))
    .catch(() => undefined) // a session that is over already, or a service that is away: it ends by itself
}
