// Building netlink messages: a header, a struct, attributes. netlink(7)
import { NLMSG_HDRLEN, nlAlign } from "../../../abi/netlink.ts";
import { toBytes } from "../../../lib/byte-string.ts";

export interface Request {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** The sender's port. */
  readonly port: number;
  /** What follows the header. */
  readonly payload: Uint8Array;
}

export class MessageBuilder {
  private bytes = new Uint8Array(256);
  private view = new DataView(this.bytes.buffer);
  private length = NLMSG_HDRLEN;

  u8(...values: number[]): this {
    this.room(values.length);
    for (const value of values) this.bytes[this.length++] = value;
    return this;
  }
  u32(...values: number[]): this {
    this.room(values.length * 4);
    for (const value of values) {
      this.view.setUint32(this.length, value, true);
      this.length += 4;
    }
    return this;
  }
  attribute(type: number, value: Uint8Array): this {
    this.room(4 + nlAlign(value.length));
    this.view.setUint16(this.length, 4 + value.length, true);
    this.view.setUint16(this.length + 2, type, true);
    this.bytes.set(value, this.length + 4);
    this.length += 4 + nlAlign(value.length);
    return this;
  }
  text(type: number, value: string): this {
    return this.attribute(type, toBytes(`${value}\0`));
  }
  raw(type: number, value: string): this {
    return this.attribute(type, toBytes(value));
  }
  number(type: number, ...values: number[]): this {
    const bytes = new Uint8Array(values.length * 4);
    const view = new DataView(bytes.buffer);
    for (const [i, value] of values.entries()) view.setUint32(i * 4, value, true);
    return this.attribute(type, bytes);
  }
  byte(type: number, value: number): this {
    return this.attribute(type, Uint8Array.of(value));
  }
  /** The message with its header. */
  finish(type: number, flags: number, request: Request): Uint8Array {
    const { view } = this;
    view.setUint32(0, this.length, true);
    view.setUint16(4, type, true);
    view.setUint16(6, flags, true);
    view.setUint32(8, request.sequence, true);
    view.setUint32(12, request.port, true);
    return this.bytes.slice(0, nlAlign(this.length));
  }
  private room(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array((this.length + count) * 2);
    grown.set(this.bytes);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

/** The attributes in a request behind a struct of `skip` bytes. */
export function attributesOf(payload: Uint8Array, skip: number): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  for (let at = skip; at + 4 <= payload.length; ) {
    const length = view.getUint16(at, true);
    if (length < 4 || at + length > payload.length) break;
    found.set(view.getUint16(at + 2, true) & 0x3fff, payload.subarray(at + 4, at + length));
    at += nlAlign(length);
  }
  return found;
}
