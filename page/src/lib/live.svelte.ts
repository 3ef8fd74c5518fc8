// One watched world: orders out, pictures and figures in. Begins again by itself when the connection is lost.
import { Refused, Worded, type Problem } from './api'
import type { District, Told } from './city'

export interface About extends Told {
  scenario: string; name: Record<string, string>; summary: Record<string, string>; start: string; end: string
  citizens: number; days: number; seed: number; overlay: Record<string, unknown>; page: number; day: number; districts: District[]
  twin: { words: string[]; from: string; branch: number; names: Record<string, Record<string, string>> } | null
}
export interface Watching { playing: boolean; speed: number; shown: number; lived: number; layer: 'status' | 'note'; digests?: string[] }
export type ByGroup = Record<string, Record<string, number | null>>
export interface Figures { day: number; sides: [number, number][]; reading?: number; groups?: ByGroup[] }
export interface Recipe { scenario: string; citizens?: number; days?: number; seed?: number; set?: Record<string, unknown> }
export interface Change { without?: string[]; with?: string[]; set?: Record<string, unknown>; against?: string }

const FRAME = 1
const HEAD = 12

export class Live {
  connected = $state(false)
  world = $state<string | null>(null)
  about = $state.raw<About | null>(null)
  watching = $state.raw<Watching | null>(null)
  figures = $state.raw<Figures | null>(null)
  history = $state.raw<[number, number][][]>([[]])
  busy = $state<string | number | null>(null)
  problems = $state.raw<Problem[]>([])
  lost = $state(false)
  frames: (Uint8Array | null)[] = [null, null]
  traits = new Uint16Array(0)
  frameDay = 0
  drawn = 0
  onframe: (side: number) => void = () => {}
  onclass: (what: string, told: Record<string, unknown>) => void = () => {}
  private socket: WebSocket | null = null
  private waiting = new Map<number, { done: (v: unknown) => void; failed: (e: Error) => void }>()
  private number = 0
  private ended = false
  private queue: string[] = []
  private pause = 500
  private late = 0

  constructor() { this.connect() }

  private connect() {
    const address = new URL('./api/live', location.href)
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
    address.hash = address.search = ''
    const socket = new WebSocket(address)
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => {
      this.connected = true
      this.pause = 500
      if (this.world) socket.send(JSON.stringify({ op: 'watch', world: this.world }))
      this.queue.splice(0).forEach((text) => socket.send(text))
    }
    socket.onmessage = (m) => (typeof m.data === 'string' ? this.heard(JSON.parse(m.data)) : this.seen(m.data))
    socket.onclose = () => {
      this.connected = false
      this.waiting.forEach((w) => w.failed(new Worded('world.connecting')))
      this.waiting.clear()
      if (!this.ended) setTimeout(() => this.connect(), (this.pause = Math.min(5000, this.pause * 1.6)))
    }
    this.socket = socket
  }

  close() { this.ended = true; this.socket?.close() }

  say(order: Record<string, unknown>) {
    const text = JSON.stringify(order)
    if (order.op === 'step' || order.op === 'show') this.late = window.setTimeout(() => (this.busy ??= this.figures?.day ?? 0), 400) // a large city takes a while
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(text)
    else if (order.op !== 'ack') this.queue.push(text)
  }

  ask<T>(order: Record<string, unknown>): Promise<T> {
    const number = ++this.number
    return new Promise<T>((done, failed) => {
      this.waiting.set(number, { done: done as (v: unknown) => void, failed })
      this.say({ ...order, number })
    })
  }

  open(recipe: Recipe, twin?: Change, since = 0, day = 0) {
    this.blank()
    this.say({ op: 'open', recipe, day, since, ...(twin ? { twin } : {}) })
  }

  watch(world: string) { this.blank(); this.world = world; this.say({ op: 'watch', world }) }

  private blank() {
    this.world = null; this.about = null; this.watching = null; this.figures = null; this.history = [[]]; this.frames = [null, null]; this.problems = []
    this.busy = ''
  }

  private settled() { clearTimeout(this.late); this.busy = null }

  private seen(data: ArrayBuffer) {
    const head = new DataView(data)
    const bytes = head.getUint32(8, true)
    if (head.getUint8(0) !== FRAME) { this.traits = new Uint16Array(data.slice(HEAD, HEAD + bytes)); return }
    const side = head.getUint8(1)
    this.frameDay = head.getUint32(4, true)
    this.frames[side] = new Uint8Array(data, HEAD, bytes)
    this.settled()
    this.onframe(side)
    const last = this.about?.twin ? 1 : 0
    if (side >= last) { this.drawn++; requestAnimationFrame(() => this.say({ op: 'ack' })) }
  }

  private heard(m: Record<string, any>) {
    switch (m.what) {
      case 'told':
        if (this.about && !m.told.twin) this.frames[1] = null
        this.world = m.world; this.about = m.told; this.lost = false; this.problems = []; void this.past(); break
      case 'state': this.watching = m.state; this.settled(); break
      case 'figures': {
        const kept = this.figures && !m.figures.groups ? { reading: this.figures.reading, groups: this.figures.groups } : {}
        this.figures = { ...kept, ...m.figures }
        m.figures.sides.forEach((g: [number, number], k: number) => { (this.history[k] ??= [])[m.figures.day] = g })
        this.history = [...this.history]
        if (m.figures.day > 0 && !this.history[0][m.figures.day - 1]) void this.past() // it was lived in one go
        break
      }
      case 'busy': this.busy = m.day; break
      case 'lost': this.lost = true; break
      case 'gone': this.blank(); this.settled(); this.onclass('gone', m); break
      case 'failed': this.problems = m.problems; this.settled(); break
      case 'answer': {
        const w = this.waiting.get(m.number)
        this.waiting.delete(m.number)
        if (m.problems) w?.failed(new Refused(m.problems))
        else w?.done(m.found)
        break
      }
      default: this.onclass(m.what, m)
    }
  }

  // What was lived before this tab came to watch
  private async past() {
    try { this.history = await this.ask<[number, number][][]>({ op: 'glances' }) } catch { /* another world came meanwhile */ }
  }
}
