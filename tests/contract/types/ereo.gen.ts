// Written by Ereo from the program's routes: write it again there, and not here. Types only; a page that
// imports nothing but them loads nothing.
/* eslint-disable */

/** The tag beside the content. */
export type Adjacent =
  | { t: "ONLY-TAG" }
  | { t: "ONE"; c: Notice }
  | { t: "PAIR"; c: [number, number] }
  | { t: "FIELDS"; c: { a: number; b: string | null } }
  | { t: "PERHAPS"; c: number | null }
  | { t: "NOTHING"; c: null };

/** Borrowed, generic over a constant, with a bound, and named by a keyword. */
export type Borrowed_of_uint8_and_2 = {
  /** Of another life. */
  name: string;
  /** Some. */
  items: number[];
  /** A keyword. */
  type: string;
  /** Below itself. */
  below: Borrowed_of_uint8_and_2 | null;
  /**
   * Not to be used any more.
   *
   * @deprecated
   */
  old: number;
};

/** The one. */
export type ChatLine = {
  /** Said. */
  text: string;
};

/** Sent as another type, and taken as one. */
export type Converted = {
  /** What it says. */
  text: string;
  /** How much it matters. */
  weight: number;
};

export type Duration = {
  /** 64 bits: beyond 2^53 `JSON.parse` gives the nearest number that it has. */
  secs: number;
  nanos: number;
};

/** No field. */
export type Empty = { [key: string]: unknown };

/** A struct with most of what fields can have. */
export type Fields = {
  /**
   * Of 64 bits.
   *
   * 64 bits: beyond 2^53 `JSON.parse` gives the nearest number that it has.
   */
  largeNumber: number;
  /**
   * Negative ones, too.
   *
   * 64 bits: beyond 2^53 `JSON.parse` gives the nearest number that it has.
   */
  signed: number;
  /** With a fraction. */
  ratio: number;
  /** Renamed alone. */
  type: string;
  /** There, or `null`. */
  note: string | null;
  /** Given or not, but always sent. */
  tags: string[];
  /** Only sent. */
  told: boolean;
  /** By name. */
  counts: { [key: string]: number };
  /** By number. */
  byNumber: { [key: string]: boolean };
  /** By variant. */
  byUnit: { [key: string]: number };
  /** Of fixed length. */
  pair: [number, string];
  /** Of one type. */
  array: [number, number, number];
  /** Nothing at all. */
  nothing: null;
  /** Written by a function. */
  byFunction: unknown;
  /** The same, said. */
  byToldFunction: string;
  /** As the standard library writes it. */
  result: Result_of_uint8_or_string;
  /** The same. */
  duration: Duration;
  /** More than one type deep. */
  nested: (Unit | null)[];
  /** There, or not. */
  link?: string | null;
};

/** Others' members among its own. */
export type Flattened = {
  /** Its own. */
  own: number;
  /** What it says. */
  text: string;
  /** How much it matters. */
  weight: number;
  /** Where to. */
  href?: string;
} & (
  | { type: "bye" }
  | { type: "line" } & Notice
  | { type: "user_joined"; userId: string; seats: number | null }
  | { type: "nothing" }
  | { type: "map" } & { [key: string]: number }
  | { type: "inner" } & Adjacent
  | { bare: number }
  | number);

/** An externally tagged one's. */
export type FlattenedExternal = {
  /** Its own. */
  own: number;
} & ({ notice: Notice } | {
    link: {
      /** Where to. */
      to: string;
    };
  });

/** Others' members among its own, of any name. */
export type FlattenedMap = {
  /** Its own. */
  own: string;
} & { [key: string]: number };

/** The tag among the fields. */
export type Internal =
  | { type: "bye" }
  | { type: "line" } & Notice
  | { type: "user_joined"; userId: string; seats: number | null }
  | { type: "nothing" }
  | { type: "map" } & { [key: string]: number }
  | { type: "inner" } & Adjacent
  | { bare: number }
  | number;

/** One who is in a set, with however many connections. */
export type Member = {
  /** What the member was entered as. */
  key: string;
  /** What was given beside the key. */
  info: unknown;
};

/** A name for a number. */
export type Newtype = number;

/** Nothing. */
export type Nothing = null;

/** A struct that variants hold. */
export type Notice = {
  /** What it says. */
  text: string;
  /** How much it matters. */
  weight: number;
};

/** The other. */
export type OrdersLine = {
  /** Sold. */
  amount: number;
};

/** Generic. */
export type Page_of_ChatLine = {
  /** What it has. */
  items: ChatLine[];
  /** How many there are. */
  total: number;
};

/** Generic. */
export type Page_of_Notice = {
  /** What it has. */
  items: Notice[];
  /** How many there are. */
  total: number;
};

/** Generic. */
export type Page_of_OrdersLine = {
  /** What it has. */
  items: OrdersLine[];
  /** How many there are. */
  total: number;
};

/** How many, and from where. */
export type Paging = {
  /** From which on. */
  from?: number;
  /** How many. */
  limit?: number | null;
};

export type Result_of_uint8_or_string = { Ok: number } | { Err: string };

/** Given or not, field by field. */
export type Settings = {
  /** How loud. */
  volume: number;
  /** What it is called. */
  name: string;
};

/** Given or not, field by field. */
export type SettingsInput = {
  /** What it is called. */
  name?: string;
  /** How loud. */
  volume?: number;
};

/** Refers to itself. */
export type ShapesTree = {
  /** At this place. */
  value: number;
  /** Below it. */
  children: ShapesTree[];
  /** Beside it. */
  next: ShapesTree | null;
};

/** No names. */
export type Tuple = [number, string | null];

/** Variants without content. */
export type Unit = "2nd" | "third" | "first_place";

/** No tag. */
export type Untagged = null | number | Notice | [boolean, string] | { left: number; right: number | null };

/** Of varying length. */
export type Varying = unknown;

/** The number itself. */
export type __TwinTransparent = Newtype;

/** A struct with a tag. */
export type tagged_struct = {
  kind: "tagged_struct";
  /** Beside the tag. */
  value: number;
};

/** The routes, by their paths. */
export interface Routes {
  /** `ereo_contract::routes::adjacent` */
  "/adjacent": {
    kind: "sse";
    path: ["adjacent"];
    events: {
      "ONLY-TAG": null;
      ONE: Notice;
      PAIR: [number, number];
      FIELDS: { a: number; b: string | null };
      PERHAPS: number | null;
      NOTHING: null;
    };
  };
  /** `ereo_contract::routes::any` */
  "/any": {
    kind: "sse";
    path: ["any"];
    events: { [name: string]: unknown };
  };
  /** `ereo_contract::routes::borrowed` */
  "/borrowed": {
    kind: "sse";
    path: ["borrowed"];
    events: { message: Borrowed_of_uint8_and_2 };
  };
  /** `ereo_contract::routes::chat_pages` */
  "/chat/pages": {
    kind: "sse";
    path: ["chat", "pages"];
    events: { message: Page_of_ChatLine };
  };
  /** `ereo_contract::routes::converted` */
  "/converted": {
    kind: "sse";
    path: ["converted"];
    events: { message: Converted };
  };
  /** `ereo_contract::routes::Counting` */
  "/count": {
    kind: "websocket";
    path: ["count"];
    sends: Page_of_Notice;
    takes: OrdersLine;
  };
  /** `ereo_contract::routes::either` */
  "/either": {
    kind: "sse";
    path: ["either"];
    events: {
      /** The one. */
      Left: Notice;
      /** The other. */
      Right: Internal;
    };
  };
  /** `ereo_contract::routes::empty` */
  "/empty": {
    kind: "sse";
    path: ["empty"];
    events: { message: Empty };
  };
  /** `ereo_contract::routes::external` */
  "/external": {
    kind: "sse";
    path: ["external"];
    events: {
      cleared: null;
      "quo\"ted é": null;
      /** Without content. */
      user_left: null;
      /** One value. */
      notification: Notice;
      /** With fields. */
      chat_line: {
        /** Who. */
        fromUser: string;
        text?: string;
      };
      pair: [number, string];
      /** 64 bits: beyond 2^53 `JSON.parse` gives the nearest number that it has. */
      number: number;
      perhaps: number | null;
      unit: null;
      /** Its content is never sent. */
      skipped: null;
      /** Written by a function. */
      by_function: unknown;
      whole_by_function: unknown;
      varying_pair: unknown;
    };
  };
  /** `ereo_contract::routes::fields` */
  "/fields": {
    kind: "sse";
    path: ["fields"];
    events: { message: Fields };
  };
  /** `ereo_contract::routes::flattened` */
  "/flattened": {
    kind: "sse";
    path: ["flattened"];
    events: { message: Flattened };
  };
  /** `ereo_contract::routes::flattened_external` */
  "/flattened-external": {
    kind: "sse";
    path: ["flattened-external"];
    events: { message: FlattenedExternal };
  };
  /** `ereo_contract::routes::flattened_map` */
  "/flattened-map": {
    kind: "sse";
    path: ["flattened-map"];
    events: { message: FlattenedMap };
  };
  /** `ereo_contract::routes::internal` */
  "/internal": {
    kind: "sse";
    path: ["internal"];
    events: {
      /** Without content. */
      bye: { type: "bye" };
      /** The fields of a struct. */
      line: { type: "line" } & Notice;
      user_joined: { type: "user_joined"; userId: string; seats: number | null };
      /** Nothing. */
      nothing: { type: "nothing" };
      map: { type: "map" } & { [key: string]: number };
      inner: { type: "inner" } & Adjacent;
      message: { bare: number } | number;
    };
  };
  /** `ereo_contract::routes::newtype` */
  "/newtype": {
    kind: "sse";
    path: ["newtype"];
    events: { message: Newtype };
  };
  /** `ereo_contract::routes::nothing` */
  "/nothing": {
    kind: "sse";
    path: ["nothing"];
    events: { message: Nothing };
  };
  /** `ereo_contract::routes::order_pages` */
  "/orders/pages": {
    kind: "sse";
    path: ["orders", "pages"];
    events: { message: Page_of_OrdersLine };
  };
  /** `ereo_contract::routes::room_feed` */
  "/rooms/{room}/feed": {
    kind: "sse";
    path: ["rooms", string, "feed"];
    params: "room";
    query: Paging;
    events: {
      cleared: null;
      "quo\"ted é": null;
      /** Without content. */
      user_left: null;
      /** One value. */
      notification: Notice;
      /** With fields. */
      chat_line: {
        /** Who. */
        fromUser: string;
        text?: string;
      };
      pair: [number, string];
      /** 64 bits: beyond 2^53 `JSON.parse` gives the nearest number that it has. */
      number: number;
      perhaps: number | null;
      unit: null;
      /** Its content is never sent. */
      skipped: null;
      /** Written by a function. */
      by_function: unknown;
      whole_by_function: unknown;
      varying_pair: unknown;
    };
  };
  /** `ereo_contract::routes::last_line` */
  "/rooms/{room}/last": {
    kind: "loader";
    path: ["rooms", string, "last"];
    params: "room";
    data: ChatLine;
    live: "/rooms/{room}/lines";
  };
  /** `ereo_contract::routes::lines` */
  "/rooms/{room}/lines": {
    kind: "sse";
    path: ["rooms", string, "lines"];
    params: "room";
    events: { message: ChatLine };
  };
  /** `ereo_contract::routes::given` */
  "/settings": {
    kind: "sse";
    path: ["settings"];
    events: { message: Settings };
  };
  /** `ereo_contract::routes::settings` */
  "/settings/{id}/{rest}*": {
    kind: "loader";
    path: ["settings", string, ...string[]];
    params: "id" | "rest";
    data: Settings;
  };
  /** `ereo_contract::routes::tagged` */
  "/tagged": {
    kind: "sse";
    path: ["tagged"];
    events: { message: tagged_struct };
  };
  /** `ereo_contract::routes::talk` */
  "/talk": {
    kind: "websocket";
    path: ["talk"];
    sends: Internal;
    takes: SettingsInput;
  };
  /** `ereo_contract::routes::tell` */
  "/tell": {
    kind: "websocket";
    path: ["tell"];
    sends: Notice;
    takes: never;
  };
  /** `ereo_contract::routes::text` */
  "/text": {
    kind: "sse";
    path: ["text"];
    events: { message: string };
    text: true;
  };
  /** `ereo_contract::routes::transparent` */
  "/transparent": {
    kind: "sse";
    path: ["transparent"];
    events: { message: __TwinTransparent };
  };
  /** `ereo_contract::routes::tree` */
  "/tree": {
    kind: "sse";
    path: ["tree"];
    events: { message: ShapesTree };
  };
  /** `ereo_contract::routes::tuple` */
  "/tuple": {
    kind: "sse";
    path: ["tuple"];
    events: { message: Tuple };
  };
  /** `ereo_contract::routes::unit` */
  "/unit": {
    kind: "sse";
    path: ["unit"];
    events: {
      "2nd": null;
      third: null;
      /** The first. */
      first_place: null;
    };
  };
  /** `ereo_contract::routes::untagged` */
  "/untagged": {
    kind: "sse";
    path: ["untagged"];
    events: { message: Untagged };
  };
  /** `ereo_contract::routes::varying` */
  "/varying": {
    kind: "sse";
    path: ["varying"];
    events: { message: Varying };
  };
  /** `ereo_contract::routes::who` */
  "/who": {
    kind: "sse";
    path: ["who"];
    events: {
      /**
       * All who are there: it stands in for everything that was told before. The first event, and
       * again whenever the reader was too slow for single ones.
       */
      members: {
        type: "members";
        /** In the order of their keys. */
        members: Member[];
        /**
         * False while the server cannot reach the store that it has in common with others: then these are those
         * that it knows of, until another `members` says all.
         */
        complete?: boolean;
      };
      /** The first connection of a member is there. */
      joined: { type: "joined" } & Member;
      /** The info of a member is another one now. */
      updated: { type: "updated" } & Member;
      /** The last connection of a member has left, and none has come within the grace time. */
      left: { type: "left" } & Member;
    };
  };
}

/** Their paths, by segments. */
interface Tree {
  adjacent: { "=": "/adjacent" };
  any: { "=": "/any" };
  borrowed: { "=": "/borrowed" };
  chat: {
    pages: { "=": "/chat/pages" };
  };
  converted: { "=": "/converted" };
  count: { "=": "/count" };
  either: { "=": "/either" };
  empty: { "=": "/empty" };
  external: { "=": "/external" };
  fields: { "=": "/fields" };
  flattened: { "=": "/flattened" };
  "flattened-external": { "=": "/flattened-external" };
  "flattened-map": { "=": "/flattened-map" };
  internal: { "=": "/internal" };
  newtype: { "=": "/newtype" };
  nothing: { "=": "/nothing" };
  orders: {
    pages: { "=": "/orders/pages" };
  };
  rooms: {
    "{}": {
      feed: { "=": "/rooms/{room}/feed" };
      last: { "=": "/rooms/{room}/last" };
      lines: { "=": "/rooms/{room}/lines" };
    };
  };
  settings: {
    "=": "/settings";
    "{}": {
      "{}*": { "=": "/settings/{id}/{rest}*" };
    };
  };
  tagged: { "=": "/tagged" };
  talk: { "=": "/talk" };
  tell: { "=": "/tell" };
  text: { "=": "/text" };
  transparent: { "=": "/transparent" };
  tree: { "=": "/tree" };
  tuple: { "=": "/tuple" };
  unit: { "=": "/unit" };
  untagged: { "=": "/untagged" };
  varying: { "=": "/varying" };
  who: { "=": "/who" };
}

declare global {
  /** What `ereo-client` checks URLs, events and messages against. */
  interface EreoContract {
    routes: Routes;
    tree: Tree;
  }
}
