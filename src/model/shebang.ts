/** Whether a file's first bytes are `#!`. That stands for its executable bit where the disk keeps none, on Windows. */
export function isScript(head: Uint8Array): boolean {
  return head[0] === 0x23 && head[1] === 0x21
}
