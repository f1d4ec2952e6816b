import { clock, el, link, moment } from "./dom.js";

// One card per notice and one per task. What the buttons do is given by main.js.

const closed = ["Tehty", "Valmis"];
const longText = 280; // characters of one field that are shown at once

/** noticeCard shows a notice as Tampuuri has it. */
export function noticeCard(notice, customer, act) {
  const f = notice.fields;
  const open = !["Tehty", "Valmis", "Peruttu"].includes(notice.state);
  return el("article", { class: "card notice", "data-notice": `${notice.customer}/${notice.id}`, "aria-label": `Ilmoitus ${notice.id}` },
    el("header", {},
      el("div", {},
        el("h3", {}, f["TyötehtävänOtsikko"] || f["Huoneisto"] || "(ei otsikkoa)"),
        el("p", { class: "which" }, `Ilmoitus ${notice.id}`, f["ParentId"] ? ` · ketjutettu ilmoituksesta ${f["ParentId"]}` : "")),
      badge(notice.state)),
    protectedRoles(f),
    f["TyötehtävänKuvaus"] && el("p", { class: "text" }, cut(f["TyötehtävänKuvaus"])),
    list([
      ["Kohde", [f["Kiinteistö"], f["Huoneisto"]].filter(Boolean).join(", ")],
      ["Suoritusaika", [moment(f["SuoritusaikaAikaisintaan"]), moment(f["SuoritusaikaViimeistään"])].filter(Boolean).join(" – ")],
      ["Työnsuorittaja", performer(notice)],
    ]),
    details("fields", "All fields", list([
      ["Kuvaus", f["TyötehtävänKuvaus"]],
      ["Tilaaja", person(f, "Tilaaja", "Tilaajan")],
      ["Ilmoittaja", person(f, "Ilmoittaja", "Ilmoittajan")],
      ["Maksaja", person(f, "Maksaja", "Maksajan")],
      ["Lisätiedot", f["TyötehtävänLisätiedot"]],
      ["Sisäänpääsy", f["Sisäänpääsy"]],
      ["Kotieläimet", f["Kotieläimet"]],
      ["Vikaluokka", f["Vikaluokka"]],
      ["Kiireellisyys", f["Kiireellisyys"]],
      ["Työ valmis viimeistään", moment(f["TyöValmisViimeistään"])],
      ["Kohde-id", f["KohdeId"]],
      ["Ilmoitus tehty", moment(f["IlmoitusTehty"])],
      ["Muokattu", moment(f["Muokattu"])],
      ["Guid", f["Guid"]],
      ["Ulkoinen tunniste", notice.externalId],
    ])),
    section("Toimenpiteet", notice.toimenpiteet, (t) => [
      el("div", {}, t.Yhteenveto || "(no summary)"), el("div", { class: "meta" }, `${moment(t.Paivamaara)} · ${t.Resurssi}`),
    ]),
    section("Ilmoitettu osallisille", notice.notifications, (n) => [el("span", {}, n.Tila), " ", el("span", { class: "meta" }, moment(n.At))]),
    el("div", { class: "buttons" },
      open && !notice.ours && button("Assign to us", "assign", () => act.assign(notice, customer.performers[0]), "primary"),
      open && notice.ours && button("Assign to another company", "assign-other", () => act.assign(notice, otherCompany(customer))),
      button("Edit", "edit", () => act.edit(notice)),
      open && button("Cancel notice", "cancel", () => act.cancel(notice), "danger"),
      !open && button("Reopen", "reopen", () => act.reopen(notice)),
      button("Chain", "chain", () => act.chain(notice, customer.performers[0])),
      button("Delete", "delete", () => act.remove(notice), "danger"),
      workflowLinks(notice)));
}

/** taskCard shows a task as Hillava has it; open says whether all its fields are shown at first. */
export function taskCard(task, customers, act, open) {
  const name = (id) => customers.find((customer) => customer.hillavaId === id)?.name ?? id;
  const address = task.deliveryAddress;
  return el("article", { class: "card task", "data-task": task.id, "aria-label": `Tehtävä ${task.id}` },
    el("header", {},
      el("div", {}, el("h3", {}, task.title), el("p", { class: "which" }, `Tehtävä ${task.id}`)),
      badge(task.state)),
    el("div", { class: "buttons" },
      task.transitions.map(({ name, actions }) => el("button", {
        type: "button", class: actions.length > 0 && "press", "data-focus": `transition-${name}`, title: actions.join(", ") || null,
        on: { click: () => act.press(task, name) },
      }, name)),
      button("Add time entry", "entry-add", () => act.addEntry(task))),
    list([
      ["Aloituspvm", moment(task.startDate)],
      ["Toimitusosoite", address ? [address.street, address.street2].filter(Boolean).join(", ") : "–"],
      ["Laskutusviite", task.billingReference],
    ]),
    section("Työajat", task.timeEntries, (entry) => timeEntry(task, entry, act)),
    details("task", "All fields", list([
      ["Otsikko", task.title],
      ["Kuvaus", task.description],
      ["Kohde", task.targetId ?? "–"],
      ["Aloituspvm", moment(task.startDate)],
      ["Lopetuspvm", moment(task.endDate) || "–"],
      ["Työmääräarvio", `${task.workloadHours} h`],
      ["Toimitusasiakas", name(task.deliveryCustomerId)],
      ["Laskutusasiakas", name(task.billingCustomerId)],
      ["Toimitusosoite", address ? `${address.street}, ${address.postalCode} ${address.city}` : "–"],
      ["Toimitusosoite, row 2", address?.street2 || "–"],
      ["Laskutusviite", task.billingReference],
      ["Lisätieto", task.additionalInfo || "–"],
      ["Ulkoinen tunniste", task.externalId],
      ["Tehtävätyyppi", task.taskTypeId],
    ]), open),
    section("Muistiinpanot", task.notes, (note) => [el("div", {}, note.text), el("div", { class: "meta" }, clock(note.at))]),
    section("Sent to the integration", task.events, (event) => [
      el("span", {}, event.type), " ", el("span", { class: "meta" }, `${clock(event.occurredAt)} · ${delivery(task, event)}`),
    ]));
}

function button(text, focus, press, kind = "") {
  return el("button", { type: "button", class: kind || null, "data-focus": focus, on: { click: press } }, text);
}

function badge(state) {
  const kind = closed.includes(state) || state === "Työ valmis" || state === "Laskutettu" ? "done" : state === "Peruttu" ? "bad" : "";
  return el("span", { class: `badge ${kind}`.trim(), "data-state": state }, state);
}

function list(rows) {
  const filled = rows.filter(([, value]) => value !== undefined && value !== null && value !== "");
  return filled.length > 0 && el("dl", {}, filled.flatMap(([name, value]) => [el("dt", {}, name), shown(String(value))]));
}

// A long text scrolls within its field, by keyboard too.
function shown(text) {
  const long = text.length > longText;
  return el("dd", { class: long && "long", tabindex: long && "0" }, text);
}

function cut(text) {
  return text.length > longText ? `${text.slice(0, longText).trimEnd()}…` : text;
}

function details(name, summary, content, open = false) {
  return content && el("details", { "data-name": name, open }, el("summary", { "data-focus": `details-${name}` }, summary), content);
}

function section(title, rows, show) {
  return rows?.length > 0 && [el("h4", {}, title), el("ul", { class: "rows" }, rows.map((row) => el("li", {}, show(row))))];
}

function performer(notice) {
  if (!notice.performer) return "nobody";
  const company = notice.fields["TyonsuorittajaYritysNimi"] ?? (notice.ours ? "our company" : "another company");
  return [`${company} (${notice.performer})`, notice.fields["TyonsuorittajaHenkiloNimi"]].filter(Boolean).join(", ");
}

function otherCompany(customer) {
  let other = 5999;
  while (customer.performers.includes(other)) other++;
  return other;
}

function person(f, role, roles) {
  const address = [f[`${roles}Katuosoite`], [f[`${roles}Postinumero`], f[`${roles}Postitoimipaikka`]].filter(Boolean).join(" ")];
  return [f[role], f[`${roles}Puhelin`], f[`${roles}Sähköposti`], ...address].filter(Boolean).join(", ");
}

// protectedRoles shows the flag as the notice carries it; what counts as set is for the integration to judge.
function protectedRoles(f) {
  const roles = [["Tilaaja", "Tilaajan"], ["Ilmoittaja", "Ilmoittajan"], ["Maksaja", "Maksajan"]]
    .filter(([role, roles]) => f[role] && ![false, 0, "0", "Ei", "false"].includes(f[`${roles}Turvakielto`]))
    .map(([role, roles]) => `${role}${f[`${roles}Turvakielto`] === undefined ? " (no flag: counts as set)" : ""}`);
  return roles.length > 0 && el("p", {}, el("span", { class: "chip" }, `Turvakielto: ${roles.join(", ")}`));
}

function workflowLinks(notice) {
  if (!notice.workflowUrl || !notice.ours) return null;
  return el("span", { class: "link" },
    link(notice.workflowUrl, "Workflow", { "aria-label": `Workflow of notice ${notice.id} in the Temporal Web UI`, "data-focus": "workflow" }),
    " · ",
    link(notice.searchUrl, "find by number", { "aria-label": `Find notice ${notice.id} by its number in the Temporal Web UI`, "data-focus": "search" }));
}

function timeEntry(task, entry, act) {
  const small = (text, focus, press, kind = "") =>
    el("button", { type: "button", class: `small ${kind}`.trim(), "data-focus": `${focus}-${entry.id}`, "aria-label": `${text} time entry ${entry.id}`, on: { click: press } }, text);
  return [
    el("div", {}, entry.customerSummary || "(no summary)"),
    el("div", { class: "meta" }, `${moment(entry.date)} · ${entry.resource.name} · ${entry.hours} h · ${entry.approved ? "hyväksytty" : "ei hyväksytty"}`),
    el("div", { class: "tools" },
      !entry.approved && small("Approve", "approve", () => act.approveEntry(task, entry)),
      small("Edit", "edit", () => act.editEntry(task, entry)),
      small("Remove", "remove", () => act.removeEntry(task, entry), "danger")),
  ];
}

function delivery(task, event) {
  const attempts = task.webhooks.filter((attempt) => attempt.eventId === event.id);
  const last = attempts.at(-1);
  if (!last) return "not delivered yet";
  const times = attempts.length > 1 ? ` after ${attempts.length} attempts` : "";
  if (last.status >= 200 && last.status < 300) return `taken (${last.status})${times}`;
  return `${last.status ? `answered ${last.status}` : "no answer"}${times}, tried again`;
}
