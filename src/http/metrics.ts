/** Numbers for Prometheus: of requests, of this process, and of what is in the database. They name routes, statuses and nothing else. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Server } from '../engine.ts'
import type { Observer } from './observe.ts'

export type Metrics = ReturnType<typeof metricsOf>

export function metricsOf(server: Pick<Server, 'counts'>) {
  const registry = new Registry()
  const registers = [registry]
  const requests = new Counter({
    name: 'reverie_http_requests_total',
    help: 'Requests that were answered',
    labelNames: ['method', 'route', 'status'],
    registers,
  })
  const durations = new Histogram({
    name: 'reverie_http_request_duration_seconds',
    help: 'From the first line of a request to the end of its answer; streams are left out',
    labelNames: ['method', 'route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers,
  })
  const streams = new Gauge({
    name: 'reverie_http_streams_open',
    help: 'Streams of events that are open',
    registers,
  })
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers })
  const sessions = gauge('reverie_sessions_stored', 'Sessions in the database')
  const jobs = gauge('reverie_jobs', 'Jobs by status', ['status'])
  const dreams = gauge('reverie_dreams', 'Dreams by status', ['status'])
  const events = gauge('reverie_events_recorded', 'Events that were ever sent to the database over HTTP')

  const observer: Observer = {
    streaming() {
      streams.inc()
      return () => streams.dec()
    },
    observed({ method, route, status, ms, is_stream }) {
      requests.inc({ method, route, status })
      if (!is_stream) durations.observe({ method, route }, ms / 1000)
    },
  }

  return {
    observer,
    contentType: registry.contentType,

    /** Adds those of the process: memory, CPU, garbage collection, how long its event loop is held up. */
    watchProcess: () => collectDefaultMetrics({ register: registry }),

    /** All of them, in the text format of Prometheus. */
    async text(): Promise<string> {
      const counts = await server.counts()
      sessions.set(counts.sessions)
      events.set(counts.recorded_events)
      for (const [gauge, by_status] of [
        [jobs, counts.jobs],
        [dreams, counts.dreams],
      ] as const)
        for (const status of STATUSES) gauge.set({ status }, by_status[status] ?? 0)
      return registry.metrics()
    },
  }
}

const STATUSES = ['pending', 'running', 'completed', 'failed', 'canceled']
