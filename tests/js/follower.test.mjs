import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Follower } from "../../ui/draw/desk/follower.js";

let clock = 0;
let threads = [];
let forbidden = false;
const model = { weights: { reader: "weights/1/reader", decoder: "weights/1/decoder" } };
const hand = [];
const given = (shade) => ({ image: Float32Array.of(shade), told: null });

globalThis.document = { baseURI: "http://host/demo/draw" };
globalThis.performance = { now: () => clock };
globalThis.Worker = class {
  said = [];
  constructor(address) {
    if (forbidden) throw new Error("the site's rules forbid it");
    this.address = String(address);
    threads.push(this);
  }
  postMessage(message) {
    this.said.push(message);
  }
  terminate() {
    this.ended = true;
  }
  answers(answer) {
    this.onmessage({ data: answer });
  }
};

beforeEach(() => {
  threads = [];
});

// One whose networks take so many milliseconds for an image.
function follower(...ms) {
  const heard = [];
  const own = {
    last: null,
    answer(question) {
      if (own.last?.given === question) return own.last;
      clock += ms.length > 1 ? ms.shift() : ms[0];
      own.last = { given: question, by: "own" };
      return own.last;
    },
  };
  const made = new Follower(own, model, () => heard.push(true));
  return { made, heard };
}

// One whose networks are slow, with its thread at work.
function threaded() {
  const { made, heard } = follower(9);
  for (let i = 0; i < 8; i++) made.follow(given(i), hand);
  const [thread] = threads;
  thread.answers(null);
  return { made, heard, thread };
}

test("quick networks answer at once, however slow a few answers are", () => {
  const { made } = follower(30, 30, 2, 30, 30, 30, 30, 30, 3);
  for (let i = 0; i < 20; i++) assert.equal(made.follow(given(i), hand).by, "own");
  assert.deepEqual(threads, []);
});

test("slow ones are answered for by one thread, which knows the model by whole addresses", () => {
  const { made } = follower(9);
  for (let i = 0; i < 20; i++) {
    const one = given(i);
    // A stroke that stands still is answered at once, which says nothing of the networks.
    for (const again of [one, one]) assert.equal(made.follow(again, hand).by, "own");
  }
  assert.equal(threads.length, 1);
  assert.match(threads[0].address, /thread\.js$/);
  assert.equal(threads[0].said[0].model.weights.reader, "http://host/demo/weights/1/reader");
});

test("one question at a time: the last answer is shown, and what was asked last comes next", () => {
  const { made, heard, thread } = threaded();
  thread.said = [];
  const [first, second, third] = [given(1), given(2), given(3)];
  assert.equal(made.isAsked, false);
  for (const each of [first, second, third, third]) assert.equal(made.follow(each, hand), null);
  assert.equal(made.isAsked, true);
  assert.deepEqual(thread.said.map(({ given: { image } }) => image[0]), [1]);
  thread.answers({ by: "thread" });
  assert.deepEqual(thread.said.map(({ given: { image } }) => image[0]), [1, 3]);
  assert.deepEqual(made.follow(third, hand), { by: "thread", given: first });
  thread.answers({ by: "thread" });
  assert.deepEqual(made.follow(third, hand), { by: "thread", given: third });
  assert.equal(heard.length, 2);
  assert.equal(thread.said.length, 2);
  assert.equal(made.isAsked, false);
});

test("the digits of the hand are told when they change", () => {
  const { made, thread } = threaded();
  thread.said = [];
  const other = [given(7)];
  for (const [shade, known] of [[1, hand], [2, hand], [3, other]]) {
    made.follow(given(shade), known);
    thread.answers({});
  }
  assert.deepEqual(thread.said.map(({ hand: told }) => told), [hand, null, other]);
});

test("at rest the page answers itself, and what comes late is of no stroke", () => {
  const { made, heard, thread } = threaded();
  made.follow(given(1), hand);
  assert.equal(made.rest(given(1), hand).by, "own");
  thread.answers({ by: "thread" });
  assert.equal(heard.length, 0);
  assert.equal(made.follow(given(2), hand), null);
});

test("a thread that fails is missed by nobody, and not asked for again", () => {
  const { made, heard, thread } = threaded();
  made.follow(given(1), hand);
  thread.onerror();
  assert.deepEqual([thread.ended, made.isAsked, heard.length], [true, false, 1]);
  for (let i = 0; i < 40; i++) assert.equal(made.follow(given(i), hand).by, "own");
  assert.equal(threads.length, 1);
});

test("where threads are forbidden the page answers", () => {
  forbidden = true;
  const { made } = follower(9);
  for (let i = 0; i < 20; i++) assert.equal(made.follow(given(i), hand).by, "own");
});
