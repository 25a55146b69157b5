//! On a clock that stands still.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// Seconds after `begin` at which the credentials have ended.
async fn ended(credentials: &mut Credentials, begin: Instant) -> u64 {
    poll_fn(|cx| credentials.poll_ended(cx)).await;
    begin.elapsed().as_secs()
}

/// Answers one after the other, `None` when there are no more, and notes when it was asked.
fn answering(
    begin: Instant,
    answers: impl IntoIterator<Item = Duration> + 'static,
) -> (Refresh, Rc<RefCell<Vec<u64>>>) {
    let asked = Rc::new(RefCell::new(Vec::new()));
    let (notes, mut answers) = (Rc::clone(&asked), answers.into_iter().collect::<Vec<_>>());
    answers.reverse();
    let callback = move || {
        notes.borrow_mut().push(begin.elapsed().as_secs());
        let answer = answers.pop().map(|after| begin + after);
        async move { answer }
    };
    (refresh(callback), asked)
}

#[tokio::test(start_paused = true)]
async fn they_end_at_their_moment_and_the_last_word_counts() {
    let begin = Instant::now();
    let mut credentials = Credentials::default();
    credentials.expires_at(Expiry::from(50 * SECOND));
    credentials.expires_at(Expiry::from(begin + 30 * SECOND));
    assert_eq!(ended(&mut credentials, begin).await, 30);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_is_asked_for_ahead_and_puts_the_end_off() {
    let begin = Instant::now();
    let mut credentials = Credentials::default();
    credentials.expires_at(Expiry::from(60 * SECOND));
    let (callback, asked) = answering(begin, [120 * SECOND, 126 * SECOND]);
    credentials.refresh_by(callback);
    // 10 s before 60 and 120; half of the 16 s that are left before 126; then nobody renews.
    assert_eq!(ended(&mut credentials, begin).await, 118);
    assert_eq!(*asked.borrow(), [50, 110, 118]);
}

#[tokio::test(start_paused = true)]
async fn who_gives_the_same_moment_again_is_asked_once() {
    let begin = Instant::now();
    let mut credentials = Credentials::default();
    credentials.expires_at(Expiry::from(60 * SECOND));
    let (callback, asked) = answering(begin, std::iter::repeat_n(60 * SECOND, 100));
    credentials.refresh_by(callback);
    assert_eq!(ended(&mut credentials, begin).await, 60);
    assert_eq!(*asked.borrow(), [50]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_does_not_put_the_end_off() {
    let begin = Instant::now();
    let mut credentials = Credentials::default();
    credentials.expires_at(Expiry::from(60 * SECOND));
    credentials.refresh_by(refresh(std::future::pending::<Option<Expiry>>));
    assert_eq!(ended(&mut credentials, begin).await, 60);
}

#[tokio::test(start_paused = true)]
async fn credentials_that_are_made_endless_do_not_end() {
    let mut credentials = Credentials::default();
    credentials.expires_at(Expiry::from(SECOND));
    credentials.refresh_by(refresh(|| async { Some(Expiry::NEVER) }));
    let begin = Instant::now();
    let ended = tokio::time::timeout(365 * 24 * 3600 * SECOND, ended(&mut credentials, begin));
    assert!(ended.await.is_err());
}

#[tokio::test(start_paused = true)]
async fn moments_of_every_clock() {
    let now = Instant::now();
    let day = SystemTime::now() + 3600 * SECOND;
    let unix = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs() + 3600;
    for expiry in [Expiry::from(day), Expiry::at_unix(unix), Expiry::from(3600 * SECOND)] {
        let left = expiry.0.unwrap() - now;
        // The time of day does not stand still, and `exp` counts whole seconds.
        assert!((3590 * SECOND..=3600 * SECOND).contains(&left), "{left:?}");
    }
    for past in [Expiry::at_unix(1), Expiry::from(SystemTime::UNIX_EPOCH)] {
        assert_eq!(past.0, Some(now));
    }
    assert_eq!(Expiry::at_unix(u64::MAX), Expiry::NEVER);
}

/// The runtime turns its timers when it has nothing else to do, which is too late here.
#[tokio::test]
async fn an_end_that_a_busy_thread_has_passed_counts() {
    let mut credentials = Credentials::default();
    credentials.expires_at(Expiry::from(Duration::from_millis(1)));
    let ended = poll_fn(|cx| {
        let before = credentials.poll_ended(cx);
        // The thread is busy, not idle.
        std::thread::sleep(Duration::from_millis(5));
        Poll::Ready([before, credentials.poll_ended(cx)])
    });
    assert!(ended.await[1].is_ready());
}
