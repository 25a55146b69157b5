//! Orders in SQLite, and what everybody sees of them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use actix_web::web;
use ereo_runtime::prelude::*;
use rusqlite::Connection;

/// What the dashboard shows.
#[derive(Debug, Clone, Serialize, Deserialize, Message, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// How many dashboards are open.
    pub active_users: usize,
    /// Sum of the orders since midnight UTC, in dollars.
    pub revenue_today: f64,
}

/// The orders and the feed that tells of them.
pub struct Shop {
    /// Also keeps the order of broadcasts that of the figures: they are read and sent under the lock.
    orders: Mutex<Connection>,
    feed: ClientSet<Stats>,
}

/// What can go wrong between an order and the database.
#[derive(Debug, thiserror::Error)]
pub enum ShopError {
    /// SQLite's own.
    #[error("the database: {0}")]
    Database(#[from] rusqlite::Error),
    /// The broadcast's.
    #[error("the broadcast: {0}")]
    Broadcast(#[from] ereo_runtime::BroadcastError),
    /// The thread pool's, while the server stops.
    #[error("the server is stopping")]
    Stopping(#[from] actix_web::error::BlockingError),
}

impl actix_web::ResponseError for ShopError {}

impl Shop {
    /// Opens the database file, or one in memory.
    pub fn open(file: Option<String>, feed: ClientSet<Stats>) -> rusqlite::Result<Self> {
        let orders = match file {
            Some(file) => Connection::open(file)?,
            None => Connection::open_in_memory()?,
        };
        orders.execute_batch(
            "CREATE TABLE IF NOT EXISTS orders (
                id INTEGER PRIMARY KEY,
                amount REAL NOT NULL,
                day TEXT NOT NULL DEFAULT (date('now'))
            );
            CREATE INDEX IF NOT EXISTS orders_by_day ON orders (day);",
        )?;
        Ok(Self { orders: Mutex::new(orders), feed })
    }

    /// Stores an order and tells everybody.
    pub fn order(&self, amount: f64) -> Result<Stats, ShopError> {
        let orders = self.lock();
        orders.execute("INSERT INTO orders (amount) VALUES (?1)", [amount])?;
        self.tell(&orders)
    }

    /// Tells everybody how many are watching now.
    pub fn users_changed(&self) -> Result<Stats, ShopError> {
        self.tell(&self.lock())
    }

    /// The figures as they are now.
    pub fn stats(&self) -> Result<Stats, ShopError> {
        self.read(&self.lock())
    }

    fn tell(&self, orders: &Connection) -> Result<Stats, ShopError> {
        let stats = self.read(orders)?;
        self.feed.broadcast(&stats)?;
        Ok(stats)
    }

    fn read(&self, orders: &Connection) -> Result<Stats, ShopError> {
        let sum = "SELECT COALESCE(SUM(amount), 0.0) FROM orders WHERE day = date('now')";
        let revenue: f64 = orders.prepare_cached(sum)?.query_row([], |row| row.get(0))?;
        // A sum of binary fractions, shown in cents.
        let revenue_today = (revenue * 100.0).round() / 100.0;
        Ok(Stats { active_users: self.feed.len(), revenue_today })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs `work` where it may block: SQLite waits for the disk.
pub async fn blocking<T: Send + 'static>(
    shop: &Data<Shop>,
    work: impl FnOnce(&Shop) -> Result<T, ShopError> + Send + 'static,
) -> Result<T, ShopError> {
    let shop = shop.clone();
    web::block(move || work(&shop)).await?
}
