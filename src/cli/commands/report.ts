import { join, resolve } from 'node:path'
import type { Report } from '../../domain/report.ts'
import type { ReportWanted } from '../../engine.ts'
import { isReportPage, reportPage } from '../../report/page.ts'
import type { Answer, Call } from '../call.ts'
import { writeAgain } from '../folder.ts'
import { printableJson } from '../printable.ts'
import { showReport, type WrittenReport } from '../show/report.ts'

const PAGE = 'report.html'
const NUMBERS = 'report.json'

export async function report(
  call: Call,
  { out, ...wanted }: ReportWanted & { out: string },
): Promise<Answer<WrittenReport>> {
  const engine = await call.open()
  const report = await engine.report(wanted)
  const folder = resolve(out)
  writeAgain(folder, filesOf(report), isOurs)
  return { data: { html: join(folder, PAGE), json: join(folder, NUMBERS), report }, show: showReport }
}

function filesOf(report: Report) {
  return [
    { name: NUMBERS, bytes: Buffer.from(`${printableJson(report)}\n`) },
    { name: PAGE, bytes: Buffer.from(reportPage(report)) },
  ]
}

function isOurs({ name, bytes }: { name: string; bytes: Uint8Array }): boolean {
  const text = Buffer.from(bytes).toString()
  return name === PAGE ? isReportPage(text) : name === NUMBERS && text.startsWith('{\n  "made_at": "')
}
