// Vega-Lite without eval: the content-security policy forbids it, so expressions are interpreted.
import { compile, type TopLevelSpec } from 'vega-lite'
import { parse, View } from 'vega'
import { expressionInterpreter } from 'vega-interpreter'

export async function draw(spec: TopLevelSpec, place: HTMLElement, dark: boolean, width: number, percent: string): Promise<View> {
  const s = structuredClone(spec) as any
  s.width = Math.max(160, width)
  s.padding = { left: 8, right: 34, top: 4, bottom: 4 } // the number at the end of the longest bar needs room, on a phone too
  if (s.config?.locale?.number) s.config.locale.number.percent = percent
  s.autosize = { type: 'fit-x', contains: 'padding' }
  s.config = { ...s.config, axis: { ...s.config?.axis, labelSeparation: 6 } }
  if (dark) {
    const ink = '#e6eaee'
    const line = '#3a454f'
    s.config = { ...s.config, axis: { ...s.config?.axis, labelColor: ink, titleColor: ink, gridColor: line, domainColor: line, tickColor: line }, legend: { ...s.config?.legend, labelColor: ink, titleColor: ink }, text: { ...s.config?.text, color: ink } }
  }
  const view = new View(parse(compile(s).spec, undefined, { ast: true }), { expr: expressionInterpreter, renderer: 'svg', container: place, hover: false })
  await view.runAsync()
  return view
}

export function save(name: string, text: string | Blob, kind = 'text/plain') {
  const link = document.createElement('a')
  const url = typeof text === 'string' && text.startsWith('data:') ? text : URL.createObjectURL(typeof text === 'string' ? new Blob([text], { type: kind }) : text)
  link.href = url
  link.download = name
  link.click()
  if (url.startsWith('blob:')) setTimeout(() => URL.revokeObjectURL(url), 5000)
}

export function csv(head: string[], rows: unknown[][]): string {
  const cell = (v: unknown) => { const s = v === null || v === undefined ? '' : String(v); return /[",\n]/.test(s) ? `"${s.replaceAll('"', '""')}"` : s }
  return [head, ...rows].map((row) => row.map(cell).join(',')).join('\n') + '\n'
}
