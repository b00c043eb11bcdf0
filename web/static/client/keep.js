// A card saved as a picture: the server draws it, the browser makes a PNG of the drawing.

const SCALE = 3; // pixels to a unit: sharp on a phone

/** Save the card that `shown` of the answer to `turn` brought. */
export async function keepCard(conversation, turn, shown) {
  const drawing = await conversation.media(`/v1/conversations/${conversation.session.id}/cards/${encodeURIComponent(turn)}/${shown.number}`);
  const address = URL.createObjectURL(drawing);
  try {
    const png = await painted(address);
    save(png, `${shown.card.title.replace(/[\\/:*?"<>|]+/g, " ").trim()}.png`);
  } finally {
    URL.revokeObjectURL(address);
  }
}

async function painted(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth * SCALE;
  canvas.height = image.naturalHeight * SCALE;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"));
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
