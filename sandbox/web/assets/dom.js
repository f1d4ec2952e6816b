// Everything on the page is made of elements and text nodes. Nothing is ever parsed as HTML, so no value from either
// system can become markup.

/** el makes an element; attributes that are false, null or undefined are left out, children may be text. */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else {
      node.setAttribute(key, value === true ? "" : value);
    }
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return node;
}

/** link makes a link to another program's page; an address that is no http(s) one becomes plain text. */
export function link(address, text, attributes = {}) {
  if (!/^https?:\/\//.test(address)) return el("span", {}, text);
  return el("a", { href: address, target: "_blank", rel: "noopener", ...attributes }, text);
}

/** keep replaces the children of parent by key, leaving those alone whose content has not changed. An item is
 * {key, version, make}; open details and the focus inside a remade one are put back. */
export function keep(parent, items) {
  const present = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let previous = null;
  for (const { key, version, make } of items) {
    let node = present.get(key);
    present.delete(key);
    if (!node || node.dataset.version !== version) {
      const made = make();
      made.dataset.key = key;
      made.dataset.version = version;
      if (node) {
        restore(node, made);
      } else {
        parent.append(made);
      }
      node = made;
    }
    const place = previous ? previous.nextSibling : parent.firstChild;
    if (place !== node) parent.insertBefore(node, place);
    previous = node;
  }
  for (const gone of present.values()) gone.remove();
}

function restore(old, made) {
  for (const details of made.querySelectorAll("details")) {
    const before = old.querySelector(`details[data-name="${details.dataset.name}"]`);
    if (before) details.open = before.open;
  }
  const focused = old.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
  made.classList.add("fresh");
  old.replaceWith(made);
  if (!focused) return;
  // The button may be gone, as its transition was run: then the first one that is left.
  const again = [...made.querySelectorAll("[data-focus]")];
  (again.find((node) => node.dataset.focus === focused) ?? again[0])?.focus({ preventScroll: true });
}

let toastTimer;

/** toast tells shortly what happened; screen readers read it out. */
export function toast(message, bad = false) {
  const node = document.getElementById("toast");
  node.textContent = message;
  node.classList.toggle("bad", bad);
  node.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => node.classList.remove("shown"), bad ? 7000 : 3000);
}

/** moment shows a date or time as a Finnish office writes it, without moving it between time zones. */
export function moment(value) {
  const parts = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}))?/.exec(value ?? "");
  if (!parts) return value ?? "";
  const date = `${Number(parts[3])}.${Number(parts[2])}.${parts[1]}`;
  return parts[4] ? `${date} klo ${parts[4]}.${parts[5]}` : date;
}

/** clock shows an instant in Finnish time, as the rest of the page is. */
export function clock(value) {
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? "" : at.toLocaleTimeString("fi-FI", { timeZone: "Europe/Helsinki" });
}
