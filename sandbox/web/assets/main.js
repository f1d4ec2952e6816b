import { fetchState, path, send } from "./api.js";
import { noticeCard, taskCard } from "./cards.js";
import { el, keep, toast } from "./dom.js";
import { prepareFaults, showFaults } from "./faults.js";
import { editEntry, editNotice, newNotice, prepare } from "./forms.js";
import { lifeStrip, pollingText, waiting } from "./lives.js";
import { prepareSetUp, showSetUp } from "./setup.js";

const every = 1000; // ms between two looks at the state
const $ = (id) => document.getElementById(id);
let state = null;
let chosen = decodeURIComponent(location.hash.slice(1)); // Tunniste of the customer that is shown
let linked = chosen;

const act = {
  assign: (notice, performer) => change(path("notices", notice.customer, notice.id, "assign"), { performer }, "The notice is assigned."),
  cancel: (notice) => change(path("notices", notice.customer, notice.id, "state"), { state: "Peruttu" }, "The notice is cancelled (Peruttu)."),
  reopen: (notice) => change(path("notices", notice.customer, notice.id, "state"), { state: "Uusi" }, "The notice is open again (Uusi)."),
  chain: (notice, performer) => change(path("notices", notice.customer, notice.id, "chain"), { performer }, "A chained notice is made of it."),
  remove: (notice) => change(path("notices", notice.customer, notice.id, "delete"), {}, "The notice is deleted."),
  resend: (notice) => change(path("lives", notice.externalId, "resend"), {}, "Resent: what was refused goes again."),
  dismiss: (notice, code) => change(path("lives", notice.externalId, "dismiss"), { code }, "Dismissed."),
  edit: editNotice,
  press: (task, name) => change(path("tasks", task.id, "transition"), { name }, `${name} is pressed.`),
  addEntry: (task) => editEntry(task, null),
  editEntry,
  approveEntry: (task, entry) => change(path("tasks", task.id, "time-entries", entry.id, "approve"), {}, "The time entry is approved."),
  removeEntry: (task, entry) => change(path("tasks", task.id, "time-entries", entry.id, "remove"), {}, "The time entry is removed."),
};

async function change(where, body, text) {
  try {
    await send(where, body);
    await changed({ text });
  } catch (error) {
    toast(error.message, true);
  }
}

async function changed({ text, customer }) {
  if (customer) choose(customer);
  toast(text);
  await look();
}

// goToLinked shows the notice or task that the address names, once: #ilmoitus-50001, #T-1001. The Web UI links here.
function goToLinked() {
  const wanted = linked;
  linked = "";
  const notice = state.notices.find((n) => `ilmoitus-${n.id}` === wanted);
  const found = notice ?? state.tasks.find((task) => task.id === wanted);
  if (!found) return;
  choose(found.customer);
  document.querySelector(notice ? `[data-notice="${found.customer}/${found.id}"]` : `[data-task="${found.id}"]`)?.scrollIntoView();
}

function choose(tunniste) {
  chosen = tunniste;
  history.replaceState(null, "", `#${encodeURIComponent(tunniste)}`);
  show();
}

async function look() {
  const connection = $("connection");
  try {
    const fresh = await fetchState();
    connection.textContent = "Live";
    connection.className = "connection live";
    if (!fresh) return;
    state = fresh;
    prepareFaults(state, changed);
    show();
    if (linked) goToLinked();
  } catch {
    connection.textContent = "The sandbox does not answer";
    connection.className = "connection lost";
  }
}

function show() {
  if (!state) return;
  if (!state.customers.some((customer) => customer.tunniste === chosen)) chosen = state.customers[0]?.tunniste ?? "";
  const customer = state.customers.find((c) => c.tunniste === chosen);
  $("temporal-link").hidden = !/^https?:\/\//.test(state.temporalUI);
  if (!$("temporal-link").hidden) $("temporal-link").href = state.temporalUI;
  showCustomers();
  showFaults(state, changed);
  showSetUp(state);
  const pairs = customer ? pairsOf(customer) : [];
  const polling = customer && state.polling?.[customer.tunniste];
  $("polling").textContent = customer && state.polling ? pollingText(polling) : "";
  keep($("pairs"), pairs.flatMap(({ notice, tasks }, place) => {
    const key = notice ? `notice-${notice.customer}-${notice.id}` : `task-${tasks[0].id}`;
    const life = notice && state.lives?.[notice.externalId];
    const bare = tasks.length === 0;
    return [life && { key: `life-${key}`, version: JSON.stringify(life), make: () => lifeStrip(notice, life, act) }, {
      key, version: JSON.stringify([notice, tasks, bare && [life?.closed, polling?.polled]]),
      make: () => el("section", { class: "pair" },
        notice ? noticeCard(notice, customer, act) : el("div", { class: "card waiting" }, el("p", {}, "No notice has this task’s external id.")),
        bare ? waiting(notice, life, polling) : el("div", { class: "tasks" }, tasks.map((task) => taskCard(task, state.customers, act, place === 0)))),
    }].filter(Boolean);
  }));
  $("empty").hidden = pairs.length > 0;
}

function showCustomers() {
  keep($("customers"), state.customers.map(({ tunniste, name }) => {
    const count = state.notices.filter((notice) => notice.customer === tunniste).length;
    return {
      key: tunniste,
      version: JSON.stringify([name, count, tunniste === chosen]),
      make: () => el("button", {
        type: "button", "aria-pressed": String(tunniste === chosen), "data-focus": tunniste, on: { click: () => choose(tunniste) },
      }, `${name} (${count})`),
    };
  }));
}

// pairsOf puts each notice beside its task; a task without a notice, which should not be, comes last.
function pairsOf(customer) {
  const tasks = state.tasks.filter((task) => task.customer === customer.tunniste);
  const pairs = state.notices
    .filter((notice) => notice.customer === customer.tunniste)
    .map((notice) => ({ notice, tasks: tasks.filter((task) => task.externalId === notice.externalId) }));
  const paired = new Set(pairs.flatMap((pair) => pair.tasks));
  return [...pairs, ...tasks.filter((task) => !paired.has(task)).map((task) => ({ notice: null, tasks: [task] }))];
}

async function watch() {
  if (!document.hidden) await look();
  setTimeout(watch, every);
}

prepare(changed);
prepareSetUp(changed);
$("notice-new").addEventListener("click", () => state && newNotice(state.customers, chosen));
watch();
