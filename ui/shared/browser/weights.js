// Takes the decoder's weights once and hands them to every board on the page.

export default function ({ data }) {
  if (!(data instanceof Uint8Array)) return;
  const decoder = new Decoder(data);
  model(decoder.header.model).resolve(decoder);
}
