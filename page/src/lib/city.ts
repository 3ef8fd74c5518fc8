// Where each citizen is drawn, and in which colour. A neighbourhood is a block, a district a group of blocks.
export interface District { id: string; name: Record<string, string>; citizens: number }
export interface Plot { x: number; y: number; w: number; h: number }
export interface Plan { width: number; height: number; at: Uint32Array; who: Int32Array; plots: Plot[]; first: number[]; pixels: number }

const BLOCK = 64
const GAP = 1
const ROOM = 14 // above a district, for its name

export function planOf(districts: District[], page: number, stride: number, aspect = 1.5): Plan {
  const starts: number[] = []
  let total = 0
  for (const d of districts) { starts.push(total); total += d.citizens }
  const pixels = Math.ceil(total / stride)
  const first = starts.map((s) => Math.ceil(s / stride))
  const sizes = first.map((s, k) => (k + 1 < first.length ? first[k + 1] : pixels) - s)
  const shapes = sizes.map((n) => {
    const blocks = Math.max(1, Math.ceil(n / page))
    const columns = Math.max(1, Math.round(Math.sqrt(blocks * 1.3)))
    const rows = Math.ceil(blocks / columns)
    const side = blocks === 1 ? Math.max(1, Math.ceil(Math.sqrt(n * 1.15))) : BLOCK
    const last = blocks === 1 ? Math.ceil(n / side) : page / BLOCK
    return { columns, side, w: columns * (side + GAP), h: (rows - 1) * (page / BLOCK + GAP) + last + GAP }
  })
  const area = shapes.reduce((sum, s) => sum + (s.w + 6) * (s.h + ROOM + 4), 0)
  const wanted = Math.max(Math.max(...shapes.map((s) => s.w)) + 6, Math.ceil(Math.sqrt(area * aspect)))
  const order = shapes.map((_, k) => k).sort((a, b) => shapes[b].h - shapes[a].h || a - b)
  const plots: Plot[] = new Array(shapes.length)
  let x = 0, y = 0, shelf = 0, width = 0
  for (const k of order) {
    const s = shapes[k]
    if (x > 0 && x + s.w > wanted) { x = 0; y += shelf + 4; shelf = 0 }
    plots[k] = { x, y: y + ROOM, w: s.w, h: s.h }
    x += s.w + 6
    width = Math.max(width, x - 6)
    shelf = Math.max(shelf, s.h + ROOM)
  }
  const height = y + shelf
  const at = new Uint32Array(pixels)
  const who = new Int32Array(width * height).fill(-1)
  const tall = page / BLOCK + GAP
  sizes.forEach((n, k) => {
    const { columns, side } = shapes[k]
    const plot = plots[k]
    for (let i = 0; i < n; i++) {
      const block = columns === 1 && side !== BLOCK ? 0 : Math.floor(i / page)
      const inside = i - block * page
      const px = plot.x + (block % columns) * (side + GAP) + (inside % side)
      const py = plot.y + Math.floor(block / columns) * tall + Math.floor(inside / side)
      at[first[k] + i] = py * width + px
      who[py * width + px] = first[k] + i
    }
  })
  return { width, height, at, who, plots, first, pixels }
}

// Okabe & Ito (2008): told apart by colour-blind readers; from the best class to the worst, as in the reports
export const CLASSES = ['#00507d', '#0072B2', '#56B4E9', '#b7c9d6', '#efd9a7', '#E69F00', '#D55E00', '#8f2f00']
export const LISTS = { black: '#000000', court: '#a3458a', red: '#009E73' }
export const LISTS_DARK = { black: '#ffffff', court: '#e18fc6', red: '#2fd6a3' }
export const TRUTHS = { wrongly: '#D55E00', rightly: '#E69F00', misnamed: '#CC79A7', free: '#0072B2', violated: '#9db4c4', none: '#dfe6ea' }
export const TRUTHS_DARK = { ...TRUTHS, violated: '#58707f', none: '#2a343c' }
export const SHARES = ['#e3ebf0', '#efd9a7', '#E69F00', '#D55E00', '#8f2f00']

function abgr(hex: string): number {
  const n = parseInt(hex.slice(1), 16)
  return (0xff000000 | ((n & 0xff) << 16) | (n & 0xff00) | (n >> 16)) >>> 0
}

export interface Told {
  classes: { letter: string; name: Record<string, string> | null; sanctioned: boolean }[]
  bits: Record<string, number>
  notes: Record<string, number>
  stride: number
}

// The colour of each of the 256 bytes of a layer
export function paletteOf(told: Told, layer: string, dark: boolean): Uint32Array {
  const found = new Uint32Array(256)
  if (told.stride > 1) {
    for (let b = 0; b < 256; b++) found[b] = abgr(SHARES[b === 0 ? 0 : Math.min(4, 1 + Math.floor(Math.log2(b / 4 + 1)))])
    return found
  }
  const lists = dark ? LISTS_DARK : LISTS
  const truths = dark ? TRUTHS_DARK : TRUTHS
  for (let b = 0; b < 256; b++) {
    if (layer === 'status') {
      const colour = b & told.bits.black ? lists.black : b & told.bits.court ? lists.court : b & told.bits.red ? lists.red : classColour(told, b & 7)
      found[b] = abgr(colour)
    } else {
      const n = told.notes
      const colour = b & n.wrongly_sanctioned ? truths.wrongly : b & n.sanctioned ? truths.rightly : b & n.misnamed ? truths.misnamed
        : b & n.went_free ? truths.free : b & n.violated ? truths.violated : truths.none
      found[b] = abgr(colour)
    }
  }
  return found
}

// Few classes are spread over the whole range, so that the best and the worst always stand out
export function classColour(told: Told, k: number): string {
  const n = told.classes.length
  if (n <= 1) return CLASSES[3]
  return CLASSES[Math.min(7, Math.round((k * 7) / (n - 1)))]
}

export const FAINT = abgr('#e9edf0')
export const FAINT_DARK = abgr('#20282f')
