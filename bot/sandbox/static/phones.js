// The phones on the page. They show what the stand-in tells them and send what people do; they decide nothing.

const LANGUAGES = [
  ["", "not told"], ["ar", "العربية"], ["fa", "فارسی"], ["ps", "پښتو"], ["ku", "Kurdî"], ["ckb", "کوردی"], ["tr", "Türkçe"],
  ["ti", "ትግርኛ"], ["am", "አማርኛ"], ["so", "Soomaali"], ["uk", "Українська"], ["ru", "Русский"], ["de", "Deutsch"],
  ["en", "English"], ["fr", "Français"], ["es", "Español"], ["it", "Italiano"], ["pl", "Polski"], ["ro", "Română"],
  ["bg", "Български"], ["sq", "Shqip"], ["sr", "Srpski"], ["ur", "اردو"], ["hi", "हिन्दी"], ["vi", "Tiếng Việt"], ["zh-hans", "简体中文"],
];
const PLACES = [
  ["Hauptbahnhof", 50.0708, 8.2439], ["Schlossplatz", 50.0823, 8.2421], ["Biebrich", 50.0394, 8.2337], ["Mainz-Kastel", 50.0076, 8.2796],
];
const STICKERS = ["👍", "❤️", "😢", "🙏", "🌷", "😊", "🤝", "🕊️"];
const ICONS = {
  back: "M15 5l-7 7 7 7", more: "M12 5.5v.01M12 12v.01M12 18.5v.01", clip: "M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.9-8.9a3.4 3.4 0 0 1 4.8 4.8l-8.9 8.9a1.7 1.7 0 0 1-2.4-2.4l8-8",
  send: "M4 12l16-8-5 16-3.5-6.5z", keys: "M3 6h18v12H3zM7 10h.01M12 10h.01M17 10h.01M8 14h8", close: "M6 6l12 12M18 6L6 18",
  sign: "M12 3v18M5 6h11l4 3.2L16 12.5H5z", group: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-4 3-6 6.5-6s6.5 2 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5c2.5.8 3.5 2.800 3.5 5.5",
  file: "M13 3H6v18h12V8zM13 3v5h5", pin: "M12 2a7 7 0 0 0-7 7c0 5 7 13 7 13s7-8 7-13a7 7 0 0 0-7-7zm0 9.5a2.5 2.5 0 1 1 0-5 2.5 2.5 0 0 1 0 5z",
  photo: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01", mic: "M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5 11a7 7 0 0 0 14 0M12 18v3",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.5 14c1 2 6 2 7 0M9 9.5h.01M15 9.5h.01", reply: "M10 6l-6 6 6 6M4 12h10c4 0 6 2.5 6 6",
  forward: "M14 6l6 6-6 6M20 12H10c-4 0-6 2.5-6 6", copy: "M9 9h11v11H9zM5 15H4V4h11v1", edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13", lock: "M6 11h12v9H6zM8 11V8a4 4 0 0 1 8 0v3", block: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM6 6l12 12",
  call: "M6 3h4l2 5-2.5 1.5a11 11 0 0 0 5 5L16 12l5 2v4c0 1.5-1 3-3 3C10 21 3 14 3 6c0-2 1.5-3 3-3z", slash: "M15 4L9 20",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4.5 3.5-7 8-7s8 2.5 8 7",
};
const ACTIONS = { typing: "typing…", upload_photo: "sending a photo…", upload_document: "sending a file…", record_voice: "recording…", upload_voice: "sending a voice note…", find_location: "choosing a place…" };

let bot = {};
const chats = new Map();
const phones = new Map();

// Small tools

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

const iconButton = (name, label, onclick, testid) =>
  el("button", { type: "button", class: "icon", "aria-label": label, title: label, "data-testid": testid, onclick }, icon(name));

const nameOf = (id) => phones.get(id)?.profile.name ?? "Somebody";
const toneOf = (id) => [...phones.keys()].indexOf(id) + 1;
const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString("de-DE", { hour: "2-digit", minute: "2-digit" });
const day = (seconds) => new Date(seconds * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "long" });
const shown = (message) => {
  const text = message.text ?? message.caption;
  // Telegram's apps hide a deep link's parameter in the person's own message.
  if (text !== undefined) return message.from.is_bot ? text : text.replace(/^\/start [\w-]+$/, "/start");
  const kind = ["photo", "voice", "audio", "document", "sticker", "venue", "location", "contact"].find((name) => message[name]);
  return message.sticker?.emoji ?? (kind ? kind[0].toUpperCase() + kind.slice(1) : "");
};

// Where a text's last paragraph ends, there the time stands: the first strong letter decides, as for dir="auto".
function endsRightToLeft(text) {
  const strong = text.slice(text.trimEnd().lastIndexOf("\n") + 1).match(/\p{L}/u);
  return strong !== null && /[\u0590-\u08ff\ufb1d-\ufefc]/.test(strong[0]);
}

function face(kind, id, name) {
  if (kind === "bot") return el("div", { class: "face" }, icon("sign"));
  if (kind === "group") return el("div", { class: "face", "data-tone": 4 }, icon("group"));
  return el("div", { class: "face", "data-tone": toneOf(id) }, name[0]);
}

// Texts: entities to elements. Offsets are UTF-16 code units, as JavaScript counts.

const LOCAL_NUMBER = /(?<![\w+])(?:\+|00?)\d(?:[\d \u00a0()\/\u2011-]{5,17})\d(?!\w)/g;

function formatted(phone, text, entities = [], from = 0, to = text.length) {
  const parts = [];
  let at = from;
  for (const [index, entity] of entities.entries()) {
    const end = Math.min(to, entity.offset + entity.length);
    if (entity.offset < at || entity.offset >= to) continue;
    parts.push(...withNumbers(phone, text.slice(at, entity.offset)));
    const inner = entities.slice(index + 1).filter((other) => other.offset < end);
    const content = ["url", "email", "bot_command", "phone_number", "code", "pre"].includes(entity.type)
      ? [text.slice(entity.offset, end)]
      : formatted(phone, text, inner, entity.offset, end);
    parts.push(wrapped(phone, entity, text.slice(entity.offset, end), content));
    at = end;
  }
  parts.push(...withNumbers(phone, text.slice(at, to)));
  return parts;
}

function withNumbers(phone, text) {
  const parts = [];
  let at = 0;
  for (const hit of text.matchAll(LOCAL_NUMBER)) {
    parts.push(text.slice(at, hit.index), numberLink(phone, hit[0]));
    at = hit.index + hit[0].length;
  }
  return [...parts, text.slice(at)];
}

const numberLink = (phone, number) =>
  el("a", { href: `tel:${number.replace(/[^\d+]/g, "")}`, "data-testid": "number", onclick: (event) => { event.preventDefault(); phone.offerCall(number); } }, number);

const link = (phone, url, content) =>
  el("a", { href: url, target: "_blank", rel: "noopener noreferrer", "data-testid": "link", onclick: (event) => phone.openLink(url, event) }, content);

function wrapped(phone, entity, text, content) {
  switch (entity.type) {
    case "bold": return el("b", {}, content);
    case "italic": return el("i", {}, content);
    case "underline": return el("u", {}, content);
    case "strikethrough": return el("s", {}, content);
    case "code": return el("code", {}, content);
    case "pre": return el("pre", {}, content);
    case "blockquote": return el("blockquote", { dir: "auto" }, content);
    case "expandable_blockquote": return el("blockquote", { dir: "auto", class: "folded", onclick: (event) => event.currentTarget.classList.toggle("folded") }, content);
    case "spoiler": return el("span", { class: "spoiler", onclick: (event) => event.currentTarget.classList.add("seen") }, content);
    case "text_link": return link(phone, entity.url, content);
    case "url": return link(phone, /^https?:/i.test(text) ? text : `http://${text}`, content);
    case "email": return link(phone, `mailto:${text}`, content);
    case "phone_number": return numberLink(phone, text);
    case "bot_command": return el("span", { class: "link", role: "button", tabindex: 0, onclick: () => phone.write(text) }, content);
    case "mention": return el("span", { class: "link", onclick: () => phone.openMention(text) }, content);
    default: return el("span", {}, content);
  }
}

// One phone

class Phone {
  constructor(profile) {
    this.profile = profile;
    this.id = profile.id;
    this.open = profile.id; // the private chat with the bot has its person's id
    this.unread = new Map();
    this.context = null; // {kind: "reply" | "edit", message}
    this.drafts = new Map();
    this.inlineQuery = null;
    const key = profile.name.toLowerCase();
    this.language = el("select", { "aria-label": "Language of the app", "data-testid": "language", onchange: () => this.act("language", { code: this.language.value || null }) },
      LANGUAGES.map(([code, name]) => el("option", { value: code }, code ? `${name} (${code})` : name)));
    this.screen = el("div", { class: "screen" });
    this.node = el("section", { class: "phone", "data-testid": `phone-${key}`, "data-phone": profile.id, "aria-label": `${profile.name}'s phone` },
      el("div", { class: "owner" }, el("b", {}, profile.name), el("label", {}, "App language", this.language)), this.screen);
    this.tab = el("button", { type: "button", role: "tab", "data-testid": `tab-${key}`, onclick: () => choosePhone(this.id) });
    this.showProfile();
  }

  get chat() { return chats.get(this.open); }
  get withBot() { return this.open === this.id; }
  get chatList() { return [...chats.values()].filter((chat) => chat.members.includes(this.id)); }
  testid(chat) { return chat.kind === "private" ? "chat-bot" : chat.kind === "supergroup" ? "chat-group" : `chat-${this.titleOf(chat).toLowerCase()}`; }

  titleOf(chat) {
    if (chat.kind === "private") return this.profile.bot_name;
    return chat.kind === "supergroup" ? chat.title : nameOf(chat.members.find((id) => id !== this.id));
  }

  faceOf(chat) {
    if (chat.kind === "private") return face("bot");
    return chat.kind === "supergroup" ? face("group") : face("person", chat.members.find((id) => id !== this.id), this.titleOf(chat));
  }

  async act(action, body = {}) {
    return this.post(`/sandbox/phones/${this.id}/${action}`, JSON.stringify(body), "application/json");
  }

  async post(url, body, type) {
    const answer = await fetch(url, { method: "POST", body, headers: { "Content-Type": type } });
    const result = await answer.json().catch(() => ({}));
    if (!answer.ok) this.toast(result.error ?? "That did not work.");
    return answer.ok ? result : null;
  }

  // Screens

  showProfile() {
    this.language.value = this.profile.language ?? "";
    if (this.language.selectedIndex < 0) this.language.selectedIndex = 0;
    this.showTab();
  }

  showTab() {
    const unread = [...this.unread.values()].reduce((sum, number) => sum + number, 0);
    this.tab.replaceChildren(this.profile.name, unread ? el("span", { class: "badge" }, String(unread)) : "");
  }

  show(chatId) {
    if (this.field) this.drafts.set(this.shownChat, this.field.value);
    this.open = chatId;
    this.context = null;
    this.unread.delete(chatId);
    this.showTab();
    this.paint();
  }

  paint() {
    this.shownChat = this.open;
    if (this.chat === undefined) this.paintList();
    else this.paintChat();
  }

  paintList() {
    const rows = this.chatList.map((chat) => {
      const last = chat.messages.at(-1);
      const unread = this.unread.get(chat.id);
      return el("li", {}, el("button", { type: "button", class: "row", "data-testid": this.testid(chat), onclick: () => this.show(chat.id) }, this.faceOf(chat),
        el("div", { class: "about" }, el("b", { dir: "auto" }, this.titleOf(chat)), el("span", { dir: "auto" }, last ? shown(last) : "No messages yet")),
        unread ? el("span", { class: "badge" }, String(unread)) : null));
    });
    this.field = null;
    this.list = null;
    this.screen.replaceChildren(el("div", { class: "bar" }, el("div", { class: "title" }, el("b", {}, "Chats"))), el("ul", { class: "chats" }, rows));
  }

  paintChat() {
    const chat = this.chat;
    this.subtitle = el("span", { "data-testid": "subtitle" });
    this.pinned = el("div");
    this.list = el("div", { class: "messages", "data-testid": "messages", role: "log", "aria-live": "polite", tabindex: 0 });
    this.foot = el("div", { class: "foot-area" });
    this.backBadge = el("span");
    const back = iconButton("back", "Chats", () => this.show(null), "back");
    back.append(this.backBadge);
    this.screen.replaceChildren(
      el("div", { class: "bar" }, back, this.faceOf(chat), el("div", { class: "title" }, el("b", { dir: "auto", "data-testid": "title" }, this.titleOf(chat)), this.subtitle),
        this.withBot ? iconButton("more", "More", () => this.chatMenu(), "more") : null),
      el("div", { class: "chat" }, this.pinned, this.list, this.foot));
    this.quiet();
    this.paintMessages();
    this.paintPinned();
    this.paintFoot();
  }

  paintMessages() {
    const chat = this.chat;
    if (!chat.messages.length && this.withBot) this.list.replaceChildren(this.welcome());
    else {
      const nodes = [];
      chat.messages.forEach((message, index) => {
        if (index === 0 || day(message.date) !== day(chat.messages[index - 1].date)) nodes.push(el("div", { class: "day" }, day(message.date)));
        nodes.push(this.messageNode(message));
      });
      this.list.replaceChildren(...nodes);
    }
    this.toEnd();
  }

  welcome() {
    const text = this.profile.description;
    return el("div", { class: "welcome", "data-testid": "description" }, face("bot"), el("b", {}, text ? "What can this bot do?" : this.profile.bot_name),
      el("div", { class: "text", dir: "auto" }, text || "Press START to begin."));
  }

  paintPinned() {
    const message = this.chat.messages.find((one) => one.message_id === this.chat.pinned.at(-1));
    this.pinned.replaceChildren(message ? el("button", { type: "button", class: "pinned", "data-testid": "pinned", onclick: () => this.find(message.message_id)?.scrollIntoView() },
      el("span", { dir: "auto" }, "📌 ", shown(message))) : "");
  }

  toEnd() { this.list.scrollTop = this.list.scrollHeight; }
  find(id) { return this.list?.querySelector(`[data-message-id="${id}"]`); }

  quiet() {
    clearTimeout(this.busy);
    const chat = this.chat;
    this.subtitle.classList.remove("busy");
    this.subtitle.removeAttribute("data-busy");
    this.subtitle.textContent = chat.kind === "private" ? "bot" : chat.kind === "supergroup" ? `${chat.members.length + (chat.with_bot ? 1 : 0)} members` : "online";
  }

  // The foot: Start, Unblock, or the field with its keyboards

  paintFoot() {
    const chat = this.chat;
    if (this.withBot && this.profile.blocked) return this.foot.replaceChildren(el("button", { type: "button", class: "wide-button", "data-testid": "unblock", onclick: () => this.act("unblock") }, "UNBLOCK BOT"));
    if (this.withBot && !chat.messages.length) return this.foot.replaceChildren(el("button", { type: "button", class: "wide-button main", "data-testid": "start", onclick: () => this.act("start") }, "START"));
    const commands = this.profile.commands[chat.id] ?? [];
    const keyboard = chat.keyboard?.keyboard ? chat.keyboard : null;
    this.results = el("div", { class: "results", hidden: true, "data-testid": "results" });
    this.contextBar = el("div");
    this.panel = keyboard ? el("div", { class: "panel keys", "data-testid": "reply-keyboard" }, keyboard.keyboard.map((row) => el("div", {}, row.map((button) => this.replyKey(button))))) : el("div");
    this.field = el("textarea", { rows: 1, dir: "auto", "data-testid": "input", "aria-label": "Message", placeholder: chat.keyboard?.input_field_placeholder ?? "Message", enterkeyhint: "send", oninput: () => this.typed(),
      onkeydown: (event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.submit(); } } });
    this.field.value = this.drafts.get(chat.id) ?? "";
    const send = iconButton("send", "Send", () => this.submit(), "send");
    send.classList.add("main");
    this.foot.replaceChildren(this.results, this.contextBar, el("div", { class: "foot" },
      commands.length ? el("button", { type: "button", class: "menu", "data-testid": "menu", onclick: () => this.commandMenu(commands) }, "☰ Menu") : null,
      iconButton("clip", "Attach", () => this.attachMenu(), "attach"), this.field,
      keyboard ? iconButton("keys", "Show or hide the keyboard", () => { this.panel.hidden = !this.panel.hidden; this.toEnd(); }, "toggle-keyboard") : null, send), this.panel);
    this.paintContext();
  }

  replyKey(button) {
    return el("button", { type: "button", class: "key", dir: "auto", "data-testid": "reply-button", onclick: () => {
      if (button.request_contact) this.act("contact", { chat: this.open });
      else if (button.request_location) this.placeSheet();
      else this.write(button.text);
    } }, button.text);
  }

  paintContext() {
    if (!this.contextBar) return;
    this.contextBar.replaceChildren(this.context ? el("div", { class: "context" }, el("span", { dir: "auto" }, this.context.kind === "edit" ? "Edit: " : "Reply: ", shown(this.context.message)),
      iconButton("close", "Cancel", () => { if (this.context.kind === "edit") this.field.value = ""; this.context = null; this.paintContext(); })) : "");
  }

  async submit() {
    const text = this.field.value.trim();
    if (!text) return;
    const context = this.context;
    this.context = null;
    this.field.value = "";
    this.drafts.delete(this.open);
    this.typed();
    this.paintContext();
    if (context?.kind === "edit") await this.act("edit", { chat: this.open, message: context.message.message_id, text });
    else await this.write(text, context?.message.message_id);
  }

  write(text, replyTo) { return this.act("send", { chat: this.open, text, reply_to: replyTo }); }

  typed() {
    clearTimeout(this.asking);
    const asked = this.field.value.match(new RegExp(`^@${bot.username}\\s(.*)$`, "is"));
    if (!asked) {
      this.inlineQuery = null;
      this.results.hidden = true;
      return;
    }
    this.asking = setTimeout(async () => { this.inlineQuery = (await this.act("inline", { chat: this.open, text: asked[1] }))?.query; }, 250);
  }

  // Messages

  messageNode(message) {
    const own = message.from.id === this.id;
    const chat = this.chat;
    const bubble = el("div", { class: "bubble" });
    const add = (...nodes) => bubble.append(...nodes);
    if (chat.kind === "supergroup" && !own) add(el("div", { class: "sender", "data-tone": toneOf(message.from.id) }, message.from.is_bot ? this.profile.bot_name : message.from.first_name));
    if (message.via_bot) add(el("div", { class: "origin" }, `via @${message.via_bot.username}`));
    if (message.forward_origin) add(el("div", { class: "origin" }, `Forwarded from ${message.forward_origin.sender_user.first_name}`));
    if (message.reply_to_message) {
      const replied = message.reply_to_message;
      add(el("button", { type: "button", class: "quote", dir: "auto", onclick: () => this.find(replied.message_id)?.scrollIntoView() }, el("b", {}, replied.from.first_name), shown(replied)));
    }
    const media = this.mediaNode(message);
    if (media) add(media);
    if (message.sticker) bubble.classList.add("bare");
    const meta = el("span", { class: `meta${endsRightToLeft(message.text ?? message.caption ?? "") ? " left" : ""}` }, message.edit_date ? el("span", { "data-testid": "edited" }, "edited") : null, clock(message.date), own ? " ✓✓" : null);
    const text = message.text ?? message.caption;
    const entities = message.entities ?? message.caption_entities;
    if (text !== undefined) {
      const short = shown(message);
      const content = el("span", { "data-testid": "text" }, ...formatted(this, short, entities?.filter((entity) => entity.offset < short.length)));
      add(el("div", { class: "text", dir: "auto" }, content, meta));
    } else add(meta);
    add(el("button", { type: "button", class: "more", "aria-label": "Message menu", "data-testid": "message-menu", onclick: () => this.messageMenu(message) }, "⌄"));
    const rows = message.reply_markup?.inline_keyboard;
    const node = el("article", { class: `message${own ? " own" : ""}${rows ? " wide" : ""}`, "data-testid": "message", "data-message-id": message.message_id, "data-own": own,
      oncontextmenu: (event) => { event.preventDefault(); this.messageMenu(message); } }, bubble);
    if (rows) node.append(el("div", { class: "keys", "data-testid": "inline-keyboard" }, rows.map((row) => el("div", {}, row.map((button) => this.inlineKey(message, button))))));
    return node;
  }

  mediaNode(message) {
    const file = (id) => `/sandbox/files/${encodeURIComponent(id)}`;
    if (message.photo) {
      const picture = message.photo.at(-1);
      return el("img", { class: "photo", "data-testid": "photo", src: file(picture.file_id), width: picture.width, height: picture.height, style: "height:auto", alt: message.caption ?? "Photo", onload: () => this.list && this.toEnd() });
    }
    const sound = message.voice ?? message.audio;
    if (sound) return el("audio", { controls: true, preload: "metadata", src: file(sound.file_id), "data-testid": "voice" });
    if (message.document) return el("a", { class: "card", href: file(message.document.file_id), download: message.document.file_name, "data-testid": "document" }, el("span", { class: "disc" }, icon("file")),
      el("span", {}, el("b", { dir: "auto" }, message.document.file_name), `${Math.max(1, Math.round(message.document.file_size / 1024))} kB`));
    if (message.sticker) return el("div", { class: "sticker" }, message.sticker.emoji ?? "🙂");
    if (message.location) {
      const { latitude, longitude } = message.location;
      const map = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=17/${latitude}/${longitude}`;
      return el("a", { class: "place", href: map, target: "_blank", rel: "noopener noreferrer", style: "color:inherit;text-decoration:none", "data-testid": message.venue ? "venue" : "location" }, el("span", { class: "map" }, icon("pin")),
        message.venue ? el("span", { class: "card" }, el("span", {}, el("b", { dir: "auto" }, message.venue.title), el("span", { dir: "auto" }, message.venue.address))) : null);
    }
    if (message.contact) {
      const { first_name: first, last_name: last, phone_number: number } = message.contact;
      return el("button", { type: "button", class: "card", "data-testid": "contact", onclick: () => this.offerCall(number) }, el("span", { class: "disc" }, icon("person")),
        el("span", {}, el("b", { dir: "auto" }, [first, last].filter(Boolean).join(" ")), el("span", { dir: "ltr" }, number)));
    }
    return null;
  }

  inlineKey(message, button) {
    const sign = button.url ? (/^https?:\/\/t\.me\/share\//i.test(button.url) ? "↪" : "↗") : button.copy_text ? "⧉" : button.callback_data === undefined ? "↪" : "";
    const key = el("button", { type: "button", class: "key", dir: "auto", "data-testid": "inline-button", "data-url": button.url, onclick: () => this.tap(message, button, key) }, button.text, sign ? el("i", { "aria-hidden": "true" }, sign) : null);
    return key;
  }

  async tap(message, button, key) {
    if (button.url) return this.openLink(button.url);
    if (button.copy_text) return this.copy(button.copy_text.text);
    if (button.switch_inline_query_current_chat !== undefined) return this.beginInline(this.open, button.switch_inline_query_current_chat);
    const elsewhere = button.switch_inline_query ?? button.switch_inline_query_chosen_chat?.query;
    if (elsewhere !== undefined) return this.chatSheet("Choose a chat", (chat) => this.beginInline(chat.id, elsewhere));
    key.classList.add("waiting");
    setTimeout(() => key.classList.remove("waiting"), 15000);
    const result = await this.act("tap", { chat: this.open, message: message.message_id, data: button.callback_data });
    if (result) key.dataset.query = result.query;
    if (!result || this.answered?.has(result.query)) key.classList.remove("waiting");
  }

  // Links

  openLink(url, event) {
    const parsed = URL.canParse(url) ? new URL(url) : null;
    const path = parsed && /^(www\.)?(t\.me|telegram\.me)$/i.test(parsed.hostname) ? parsed.pathname.slice(1).replace(/\/$/, "") : null;
    const domain = parsed?.protocol === "tg:" ? parsed.searchParams.get("domain") : path;
    if (path === "share/url" || path === "share") {
      event?.preventDefault();
      this.chatSheet("Share with", (chat) => this.shareInto(chat, parsed));
    } else if (domain?.toLowerCase() === bot.username.toLowerCase()) {
      event?.preventDefault();
      this.show(this.id);
      const parameter = parsed.searchParams.get("start");
      if (parameter !== null) this.act("start", { parameter });
    } else if (/^mailto:/i.test(url)) {
      event?.preventDefault();
      this.copy(url.slice(7));
    } else if (!event) window.open(url, "_blank", "noopener");
  }

  async shareInto(chat, parsed) {
    const text = [parsed.searchParams.get("url"), parsed.searchParams.get("text")].filter(Boolean).join("\n");
    await this.act("send", { chat: chat.id, text });
    this.toast(`Sent to ${this.titleOf(chat)}`);
  }

  openMention(text) { if (text.slice(1).toLowerCase() === bot.username.toLowerCase()) this.show(this.id); }

  beginInline(chatId, query) {
    if (chatId !== this.open) this.show(chatId);
    this.field.value = `@${bot.username} ${query}`;
    this.field.focus();
    this.typed();
  }

  // Sheets

  over(content, close = true) {
    this.cover?.remove();
    const cover = el("div", { class: "over", onclick: (event) => { if (close && event.target === cover) this.uncover(); }, onkeydown: (event) => { if (event.key === "Escape") this.uncover(); } }, content);
    this.cover = cover;
    this.screen.append(cover);
    cover.querySelector("button")?.focus({ preventScroll: true });
  }

  uncover() { this.cover?.remove(); this.cover = null; }

  sheet(title, items) {
    const rows = items.filter(Boolean).map(([sign, label, act, danger]) => el("button", { type: "button", class: `row${danger ? " danger" : ""}`, "data-testid": "sheet-item", onclick: () => { this.uncover(); act(); } },
      el("span", { class: "sign" }, icon(sign)), el("span", { dir: "auto" }, label)));
    this.over(el("div", { class: "sheet", role: "dialog", "aria-label": title, "data-testid": "sheet" }, el("h2", {}, title), rows));
  }

  chatSheet(title, choose) {
    this.sheet(title, this.chatList.map((chat) => [chat.kind === "private" ? "sign" : chat.kind === "supergroup" ? "group" : "person", this.titleOf(chat), () => choose(chat)]));
  }

  commandMenu(commands) {
    this.sheet("Menu", commands.map(({ command, description }) => ["slash", `${description}`, () => this.write(`/${command}`)]));
  }

  chatMenu() {
    this.sheet(this.titleOf(this.chat), [
      this.profile.blocked ? ["lock", "Unblock the bot", () => this.act("unblock")] : ["block", "Block the bot", () => this.act("block"), true],
      ["trash", "Clear history and begin anew", () => this.act("forget"), true],
    ]);
  }

  messageMenu(message) {
    const own = message.from.id === this.id;
    const id = message.message_id;
    const begin = (kind) => { this.context = { kind, message }; if (kind === "edit") this.field.value = message.text; this.paintContext(); this.field?.focus(); };
    this.sheet("Message", [
      this.field ? ["reply", "Reply", () => begin("reply")] : null,
      message.text || message.caption ? ["copy", "Copy text", () => this.copy(message.text ?? message.caption)] : null,
      message.has_protected_content ? null : ["forward", "Forward", () => this.chatSheet("Forward to", async (chat) => { if (await this.act("forward", { chat: this.open, message: id, to: chat.id })) this.toast(`Forwarded to ${this.titleOf(chat)}`); })],
      own && message.text && this.field ? ["edit", "Edit", () => begin("edit")] : null,
      ["trash", "Delete", () => this.act("delete", { chat: this.open, messages: [id] }), true],
    ]);
  }

  attachMenu() {
    this.sheet("Attach", [
      ["photo", "Photo", () => this.pickFile("photo", "image/png,image/jpeg,image/gif")],
      ["file", "File", () => this.pickFile("document", "")],
      ["mic", "Voice note", () => this.voiceNote()],
      ["pin", "Location", () => this.placeSheet()],
      ["person", "My contact", () => this.act("contact", { chat: this.open })],
      ["smile", "Sticker", () => this.stickerSheet()],
    ]);
  }

  placeSheet() { this.sheet("Where are you?", PLACES.map(([name, latitude, longitude]) => ["pin", name, () => this.act("location", { chat: this.open, latitude, longitude })])); }

  stickerSheet() {
    this.over(el("div", { class: "sheet", role: "dialog", "aria-label": "Sticker" }, el("div", { class: "grid" }, STICKERS.map((emoji) =>
      el("button", { type: "button", "data-testid": "sticker", onclick: () => { this.uncover(); this.act("sticker", { chat: this.open, emoji }); } }, emoji)))));
  }

  pickFile(kind, accept) {
    const picker = el("input", { type: "file", accept, hidden: true, "data-testid": "file", onchange: async () => { for (const file of picker.files) await this.sendFile(kind, file, file.name, 0); picker.remove(); } });
    this.node.append(picker);
    picker.click();
  }

  sendFile(kind, blob, name, seconds) {
    const query = new URLSearchParams({ name, seconds, chat: this.open });
    return this.post(`/sandbox/phones/${this.id}/files/${kind}?${query}`, blob, blob.type || "application/octet-stream");
  }

  async voiceNote() {
    let stream;
    try { stream = await navigator.mediaDevices.getUserMedia({ audio: true }); } catch { return this.sendFile("voice", toneOfTwoSeconds(), "voice.wav", 2); }
    const recorder = new MediaRecorder(stream);
    const began = Date.now();
    const parts = [];
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.onstop = () => {
      stream.getTracks().forEach((track) => track.stop());
      this.sendFile("voice", new Blob(parts, { type: recorder.mimeType.split(";")[0] }), "voice.webm", Math.max(1, Math.round((Date.now() - began) / 1000)));
    };
    recorder.start();
    this.over(el("div", { class: "alert", role: "dialog" }, el("p", {}, "Recording…"), el("button", { type: "button", onclick: () => { this.uncover(); recorder.stop(); } }, "SEND")), false);
  }

  offerCall(number) {
    this.sheet(number, [["call", "Call", () => this.toast(`A phone would now call ${number}`)], ["copy", "Copy number", () => this.copy(number)]]);
  }

  async copy(text) {
    await navigator.clipboard?.writeText(text).catch(() => {});
    this.toast("Text copied to clipboard");
  }

  toast(text) {
    this.screen.querySelector(".toast")?.remove();
    const toast = el("div", { class: "toast", role: "status", dir: "auto", "data-testid": "toast" }, text);
    this.screen.append(toast);
    setTimeout(() => toast.remove(), 3500);
  }

  alert(text) {
    this.over(el("div", { class: "alert", role: "alertdialog", "data-testid": "alert" }, el("p", { dir: "auto" }, text), el("button", { type: "button", "data-testid": "alert-ok", onclick: () => this.uncover() }, "OK")));
  }

  // What the stand-in tells

  arrived(chat, message) {
    const visible = this.open === chat.id;
    if (message.from.id !== this.id && (!visible || (isNarrow() && !this.node.classList.contains("current")))) {
      this.unread.set(chat.id, (this.unread.get(chat.id) ?? 0) + 1);
      this.showTab();
    }
    if (this.chat === undefined) return this.paintList();
    if (!visible) {
      const unread = [...this.unread.values()].reduce((sum, number) => sum + number, 0);
      this.backBadge.replaceChildren(unread ? el("span", { class: "badge" }, String(unread)) : "");
      return;
    }
    if (message.from.is_bot) this.quiet();
    if (chat.messages.length === 1) this.paintMessages();
    else this.list.append(this.messageNode(message));
    this.toEnd();
  }

  acting(action) {
    this.subtitle.textContent = ACTIONS[action] ?? "typing…";
    this.subtitle.classList.add("busy");
    this.subtitle.dataset.busy = action;
    clearTimeout(this.busy);
    this.busy = setTimeout(() => this.quiet(), 5000); // Bot API, sendChatAction: 5 seconds or until a message
  }

  gotAnswer(event) {
    (this.answered ??= new Set()).add(event.query);
    this.screen.querySelectorAll(".key.waiting").forEach((key) => { if (!key.dataset.query || key.dataset.query === event.query) key.classList.remove("waiting"); });
    if (event.url) this.openLink(event.url);
    else if (event.text) event.alert ? this.alert(event.text) : this.toast(event.text);
  }

  gotInline(event) {
    if (!this.field || (this.inlineQuery && event.query !== this.inlineQuery)) return;
    const rows = event.results.map((result) => el("button", { type: "button", class: "row", "data-testid": "inline-result", onclick: () => this.choose(event.query, result.id) },
      el("div", { class: "about" }, el("b", { dir: "auto" }, result.title ?? result.type), result.description ? el("span", { dir: "auto" }, result.description) : null)));
    const button = event.button ? el("button", { type: "button", class: "row", "data-testid": "inline-start", onclick: () => { this.field.value = ""; this.show(this.id); this.act("start", { parameter: event.button.start_parameter }); } }, el("b", { dir: "auto" }, event.button.text)) : null;
    this.results.replaceChildren(...[button, ...rows].filter(Boolean));
    if (!rows.length && !button) this.results.append(el("p", { class: "empty" }, "No results"));
    this.results.hidden = false;
  }

  choose(query, result) {
    this.field.value = "";
    this.typed();
    return this.act("choose", { chat: this.open, query, result });
  }
}

// A short tone as WAV, for machines without a microphone.
function toneOfTwoSeconds() {
  const rate = 8000, length = rate * 2, view = new DataView(new ArrayBuffer(44 + length));
  const ascii = (at, text) => [...text].forEach((sign, index) => view.setUint8(at + index, sign.charCodeAt(0)));
  ascii(0, "RIFF"); view.setUint32(4, 36 + length, true); ascii(8, "WAVEfmt "); view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, rate, true); view.setUint32(28, rate, true); view.setUint16(32, 1, true); view.setUint16(34, 8, true); ascii(36, "data"); view.setUint32(40, length, true);
  for (let at = 0; at < length; at++) view.setUint8(44 + at, 128 + 40 * Math.sin((at / rate) * 2 * Math.PI * 330) * Math.sin((at / length) * Math.PI));
  return new Blob([view], { type: "audio/wav" });
}

// The page

const isNarrow = () => matchMedia("(max-width: 900px)").matches;

function choosePhone(id) {
  for (const phone of phones.values()) {
    const current = phone.id === id;
    phone.node.classList.toggle("current", current);
    phone.tab.setAttribute("aria-selected", current);
    if (current) { phone.unread.delete(phone.open); phone.showTab(); phone.list && phone.toEnd(); }
  }
}

function takeProfiles(event) {
  bot = event.bot;
  const known = new Map(chats);
  for (const chat of event.chats) chats.set(chat.id, Object.assign(known.get(chat.id) ?? {}, chat));
  for (const profile of event.phones) {
    const phone = phones.get(profile.id);
    if (phone) phone.profile = profile;
    else phones.set(profile.id, new Phone(profile));
  }
  for (const phone of phones.values()) { phone.showProfile(); phone.paint(); }
}

const events = {
  state(event) {
    chats.clear();
    takeProfiles(event);
    const place = document.getElementById("phones");
    if (!place.children.length) {
      place.append(...[...phones.values()].map((phone) => phone.node));
      document.querySelector(".tabs").append(...[...phones.values()].map((phone) => phone.tab));
      choosePhone(phones.keys().next().value);
    }
    for (const phone of phones.values()) phone.list && phone.toEnd();
    document.body.dataset.ready = "true";
  },
  profile(event) {
    for (const phone of phones.values()) if (phone.field) phone.drafts.set(phone.shownChat, phone.field.value);
    takeProfiles(event);
  },
  message({ chat: id, message, keyboard }) {
    const chat = chats.get(id);
    const first = !chat.messages.length;
    const keyboardChanged = JSON.stringify(chat.keyboard) !== JSON.stringify(keyboard);
    chat.messages.push(message);
    chat.keyboard = keyboard;
    for (const phone of phones.values()) {
      if (!chat.members.includes(phone.id)) continue;
      phone.arrived(chat, message);
      if (phone.open !== id || !(first || keyboardChanged)) continue;
      if (phone.field) phone.drafts.set(id, phone.field.value);
      phone.paintFoot();
      phone.toEnd();
    }
  },
  edited({ chat: id, message }) {
    const chat = chats.get(id);
    const index = chat.messages.findIndex((one) => one.message_id === message.message_id);
    if (index >= 0) chat.messages[index] = message;
    for (const phone of showing(id)) phone.find(message.message_id)?.replaceWith(phone.messageNode(message));
  },
  deleted({ chat: id, ids }) {
    const chat = chats.get(id);
    chat.messages = chat.messages.filter((message) => !ids.includes(message.message_id));
    for (const phone of showing(id)) {
      ids.forEach((one) => phone.find(one)?.remove());
      if (!chat.messages.length) phone.paint();
    }
  },
  keyboard({ chat: id, keyboard }) {
    chats.get(id).keyboard = keyboard;
    for (const phone of showing(id)) phone.paintFoot();
  },
  pinned({ chat: id, pinned }) {
    chats.get(id).pinned = pinned;
    for (const phone of showing(id)) phone.paintPinned();
  },
  action({ chat, action }) { for (const phone of showing(chat)) phone.acting(action); },
  answer(event) { phones.get(event.phone)?.gotAnswer(event); },
  inline(event) { phones.get(event.phone)?.gotInline(event); },
};

const showing = (chatId) => [...phones.values()].filter((phone) => phone.open === chatId && phone.list);

function listen() {
  const source = new EventSource("/sandbox/events");
  const note = el("div", { class: "offline", role: "status" }, "The sandbox is not running. Waiting for it …");
  source.onopen = () => note.remove();
  source.onmessage = ({ data }) => { const event = JSON.parse(data); events[event.type]?.(event); };
  source.onerror = () => { document.body.append(note); if (source.readyState === EventSource.CLOSED) setTimeout(() => { note.remove(); listen(); }, 1500); };
}

document.querySelector(".theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
listen();
