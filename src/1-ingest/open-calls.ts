/**
 * The calls of one session that wait for their result, and which of them a result answers.
 *
 * A result answers the oldest waiting call with its call id. Some harnesses write no call ids, or
 * empty ones; such a result answers the oldest waiting call of the tool it names, or of any tool
 * when it names none. No call is answered twice.
 */
export class OpenCalls {
  private readonly by_id = new Map<string, string[]>()
  private readonly by_name = new Map<string, string[]>()
  private readonly all: string[] = []
  private readonly answered = new Set<string>()

  add(event_id: string, call: { id: string | null; name: string }): void {
    if (call.id) push(this.by_id, call.id, event_id)
    push(this.by_name, call.name, event_id)
    this.all.push(event_id)
  }

  /** Whether a call of that id has no result yet. */
  waits(call_id: string): boolean {
    return (this.by_id.get(call_id) ?? []).some((it) => !this.answered.has(it))
  }

  /** The event id of the call that a result answers; null when no such call waits. */
  answer(result: { call_id: string | null; name: string | null }): string | null {
    const queue = result.call_id
      ? this.by_id.get(result.call_id)
      : result.name
        ? this.by_name.get(result.name)
        : this.all
    for (let event_id = queue?.shift(); event_id !== undefined; event_id = queue?.shift()) {
      if (this.answered.has(event_id)) continue
      this.answered.add(event_id)
      return event_id
    }
    return null
  }
}

function push(queues: Map<string, string[]>, key: string, event_id: string): void {
  const queue = queues.get(key)
  if (queue === undefined) queues.set(key, [event_id])
  else queue.push(event_id)
}
