/**
 * Query parameters in one spelling. Arrays come as `k[]=`, as a repeated `k=`, or as `k[0]=`; here they all become `k[]=`, which is
 * what the schemas of the routes know. `beta`, which older SDKs put on every request, is dropped.
 */

/** The same URL with its query respelled; the very same text where there is nothing to do. */
export function respelled(url: string, arrays: ReadonlySet<string>): string {
  const start = url.indexOf('?')
  if (start < 0) return url
  const query = new URLSearchParams(url.slice(start + 1))
  const out = new URLSearchParams()
  for (const [key, value] of query) {
    if (key === 'beta') continue
    const name = key.replace(/\[\d*\]$/, '')
    out.append(arrays.has(name) ? `${name}[]` : key, value)
  }
  const text = out.toString()
  return text === '' ? url.slice(0, start) : `${url.slice(0, start)}?${text}`
}
