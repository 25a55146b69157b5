//! Which messages are on their way, and the rule that every client gets each once, in one order.

use std::time::{Duration, Instant};

/// What was published, and who has got it.
#[derive(Debug, Default)]
pub struct Board {
    /// Clients that read.
    readers: usize,
    /// By number.
    messages: Vec<Message>,
    /// The numbers in the order in which the first client that got so far got them.
    order: Vec<usize>,
    /// Messages that all clients have got.
    complete: usize,
}

#[derive(Debug)]
struct Message {
    published: Instant,
    got_by: usize,
    took: Duration,
}

impl Board {
    /// Nothing is published yet.
    pub fn new(readers: usize) -> Self {
        Self { readers, ..Self::default() }
    }

    /// Clients that read.
    pub fn readers(&self) -> usize {
        self.readers
    }

    /// Messages so far.
    pub fn published(&self) -> usize {
        self.messages.len()
    }

    /// Messages that all clients have got.
    pub fn complete(&self) -> usize {
        self.complete
    }

    /// So many more are published now.
    pub fn publish(&mut self, count: usize) {
        let published = Instant::now();
        let message = || Message { published, got_by: 0, took: Duration::ZERO };
        self.messages.extend(std::iter::repeat_with(message).take(count));
    }

    /// A client that has got `before` messages gets one more.
    ///
    /// # Errors
    /// When it is not the one that the others got in this place, or was never published.
    pub fn deliver(&mut self, before: usize, number: usize, now: Instant) -> Result<(), String> {
        if before == self.order.len() && !self.order.contains(&number) {
            self.order.push(number);
        }
        let wrong =
            || format!("message {number} after {before} others: lost, twice, or out of order");
        let message = self.messages.get_mut(number).ok_or_else(wrong)?;
        if self.order.get(before) != Some(&number) {
            return Err(wrong());
        }
        message.got_by += 1;
        if message.got_by == self.readers {
            message.took = now - message.published;
            self.complete += 1;
        }
        Ok(())
    }

    /// How long each message took to reach all, from this number on.
    pub fn fan_outs(&self, from: usize) -> Vec<Duration> {
        self.messages[from..].iter().map(|message| message.took).collect()
    }

    /// What has not arrived.
    pub fn missing(&self) -> String {
        match self.messages.iter().position(|message| message.got_by < self.readers) {
            Some(number) => format!(
                "message {number} of {} came to {} of {} clients",
                self.messages.len(),
                self.messages[number].got_by,
                self.readers
            ),
            None => "a client is not in".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_complete_when_all_have_it() {
        let (mut board, now) = (Board::new(2), Instant::now());
        board.publish(2);
        // Two publishers' messages may change places, for all alike.
        board.deliver(0, 1, now).unwrap();
        board.deliver(0, 1, now).unwrap();
        assert_eq!(board.complete(), 1);
        board.deliver(1, 0, now).unwrap();
        assert_eq!(board.complete(), 1);
        assert_eq!(board.missing(), "message 0 of 2 came to 1 of 2 clients");
        board.deliver(1, 0, now).unwrap();
        assert_eq!(board.complete(), 2);
    }

    #[test]
    fn what_is_lost_or_twice_or_out_of_order_is_an_error() {
        let (mut board, now) = (Board::new(2), Instant::now());
        board.publish(3);
        board.deliver(0, 0, now).unwrap();
        assert!(board.deliver(1, 0, now).is_err(), "twice");
        board.deliver(1, 1, now).unwrap();
        assert!(board.deliver(0, 1, now).is_err(), "lost");
        board.deliver(2, 2, now).unwrap();
        assert!(board.deliver(3, 3, now).is_err(), "never published");
    }
}
