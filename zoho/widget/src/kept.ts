// What this browser remembers from one record to the next: the widget is loaded anew on each.

/** Null where nothing is kept, and where a browser forbids frames of other sites to keep anything. */
export function kept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Null forgets. Where it is forbidden, what is to be kept lasts as long as the page. */
export function keep(key: string, text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // forbidden, as above
  }
}
