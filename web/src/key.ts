/** The access key: in this tab's session storage only. It never stays in the URL and never reaches the server's log. */

const SLOT = 'addressbook.key'

/** Takes `#key=…` out of the URL, so that neither a bookmark nor the history keeps it. */
export function takeKeyFromUrl(): void {
  const parts = new URLSearchParams(location.hash.replace(/^#/, ''))
  const key = parts.get('key')
  if (key === null) return
  parts.delete('key')
  if (key) storeKey(key)
  const rest = parts.toString()
  history.replaceState(null, '', location.pathname + location.search + (rest ? `#${rest}` : ''))
}

export const readKey = (): string => sessionStorage.getItem(SLOT) ?? ''
export const storeKey = (key: string): void => sessionStorage.setItem(SLOT, key.trim())
export const dropKey = (): void => sessionStorage.removeItem(SLOT)
