/** `created_at[gt]` and its like, as bounds of a time. */
type Operator = 'gt' | 'gte' | 'lt' | 'lte'

export function bounds(query: { [K in `created_at[${Operator}]`]?: string | undefined }): {
  [K in Operator]?: string
} {
  const found: { [K in Operator]?: string } = {}
  for (const it of ['gt', 'gte', 'lt', 'lte'] as const) {
    const at = query[`created_at[${it}]`]
    if (at !== undefined) found[it] = at
  }
  return found
}
