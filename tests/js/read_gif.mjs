// An animated GIF, read by the words of its specification (GIF89a): no help from what wrote it.

export function readGif(bytes) {
  let at = 0;
  const byte = () => bytes[at++];
  const short = () => byte() | (byte() << 8);
  const text = (length) => String.fromCharCode(...bytes.subarray(at, (at += length)));
  const subBlocks = () => {
    const joined = [];
    for (let length = byte(); length; length = byte()) {
      joined.push(...bytes.subarray(at, (at += length)));
    }
    return joined;
  };
  const signature = text(6);
  const [width, height, flags] = [short(), short(), byte()];
  at += 2; // background and aspect
  const colors = 2 << (flags & 7);
  const palette = Array.from({ length: colors }, () => [byte(), byte(), byte()]);
  const film = { signature, width, height, palette, loops: null, frames: [] };
  let delay = 0;
  for (let kind = byte(); kind !== 0x3b; kind = byte()) {
    if (kind === 0x21) {
      const label = byte();
      if (label === 0xff) {
        const application = text(byte());
        const [, low, high] = subBlocks();
        if (application === "NETSCAPE2.0") film.loops = low | (high << 8);
      } else if (label === 0xf9) {
        const [, low, high] = subBlocks();
        delay = low | (high << 8);
      } else throw new Error(`extension ${label}`);
    } else if (kind === 0x2c) {
      const place = [short(), short(), short(), short()];
      if (byte()) throw new Error("local colours or interlaced lines");
      film.frames.push({ place, delay, pixels: unpacked(byte(), subBlocks()) });
    } else throw new Error(`block ${kind} before ${at}`);
  }
  return { ...film, rest: bytes.length - at };
}

// LZW of variable width, with a list of pixels for each code.
function unpacked(bits, bytes) {
  const clear = 1 << bits;
  const pixels = [];
  let codes, width, last;
  const restart = () => {
    codes = Array.from({ length: clear + 2 }, (_, code) => [code]);
    width = bits + 1;
    last = null;
  };
  restart();
  let position = 0;
  const next = () => {
    let code = 0;
    for (let bit = 0; bit < width; bit++, position++) {
      if (position >= 8 * bytes.length) throw new Error("the end is missing");
      code |= ((bytes[position >> 3] >> (position & 7)) & 1) << bit;
    }
    return code;
  };
  for (let code = next(); code !== clear + 1; code = next()) {
    if (code === clear) {
      restart();
      continue;
    }
    const said = code < codes.length ? codes[code] : last && code === codes.length && [...last, last[0]];
    if (!said) throw new Error(`code ${code} of ${codes.length}`);
    for (const pixel of said) pixels.push(pixel);
    if (last && codes.length < 4096) codes.push([...last, said[0]]);
    if (codes.length === 1 << width && width < 12) width += 1;
    last = said;
  }
  if (bytes.length - Math.ceil(position / 8)) throw new Error("more after the end");
  return pixels;
}
