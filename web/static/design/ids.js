// Names nobody else has; crypto.randomUUID alone would need https.

/** 22 random characters, safe in any address or header. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
