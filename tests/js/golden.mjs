// What Python computes, for JavaScript to compute too: written by test_javascript.py before it runs
// these tests.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { tensors } from "../../ui/shared/browser/safetensors.js";

export function golden(name) {
  if (!process.env.GOLDEN) throw new Error("run these tests by: python -m pytest tests/js");
  return JSON.parse(readFileSync(`${process.env.GOLDEN}/${name}.json`, "utf-8"));
}

export const bytes = (base64) => new Uint8Array(Buffer.from(base64, "base64"));
export const floats = (base64) => new Float32Array(bytes(base64).buffer);

export function assertClose(shown, expected, most) {
  assert.equal(shown.length, expected.length);
  const largest = shown.reduce((so, each, i) => Math.max(so, Math.abs(each - expected[i])), 0);
  assert.ok(largest <= most, `they differ by up to ${largest}`);
}

// The tensors of a file, from memory of its own as fetch gives it.
export const file = (name) => tensors(new Uint8Array(readFileSync(`${process.env.GOLDEN}/${name}`)).buffer);

export const KERNEL = await WebAssembly.compile(
  readFileSync(new URL("../../ui/shared/browser/affine.wasm", import.meta.url)),
);
