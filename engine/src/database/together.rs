//! Reads that many want at once: one of them answers all who asked before it began.
//!
//! Where thousands look at the times of one doctor, one read at a time looks for all of them. Nobody is told what was so
//! before they asked: who comes while a read is running waits for the next one.

use std::{
    any::Any,
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use tokio::sync::{Mutex as Turn, OnceCell};

use crate::error::AppError;

/// The operation, and what it is asked about.
type Question = (&'static str, String);

type Answer = Result<Arc<dyn Any + Send + Sync>, AppError>;

/// The questions that somebody waits for, each with the read that newcomers may join, or with one that has begun.
#[derive(Clone, Debug, Default)]
pub(super) struct Together {
    asked: Arc<Mutex<HashMap<Question, Arc<Asked>>>>,
}

#[derive(Debug, Default)]
struct Asked {
    /// Whether its read has begun, so that it is too late to join. Read and written under the lock of the map.
    has_begun: AtomicBool,
    /// One read of a question at a time, so that those who come meanwhile come together.
    turn: Arc<Turn<()>>,
    answer: OnceCell<Answer>,
}

impl Together {
    /// Reads, or waits for a read of the same question that has not begun yet. When the one who reads goes away, another
    /// one who waits reads.
    ///
    /// # Errors
    /// Those of the read, for all who waited for it.
    pub async fn ask<T, F, Fut>(&self, question: Question, read: F) -> Result<Arc<T>, AppError>
    where
        T: Any + Send + Sync,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, AppError>>,
    {
        let waiting = self.join(question);
        let asked = waiting.asked.clone().ok_or(AppError::Internal)?;
        let answer = asked.answer.get_or_init(|| async {
            let _turn = asked.turn.lock().await;
            self.begin(&asked);
            Ok(Arc::new(read().await?) as Arc<dyn Any + Send + Sync>)
        });
        let answer = answer.await.clone();
        answer?.downcast().map_err(|_| AppError::Internal)
    }

    fn asked(&self) -> MutexGuard<'_, HashMap<Question, Arc<Asked>>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn join(&self, question: Question) -> Waiting {
        let mut all = self.asked();
        let newest = all.get(&question);
        let asked = match newest {
            Some(asked) if !asked.has_begun.load(Relaxed) => asked.clone(),
            before => Arc::new(Asked {
                turn: before.map(|before| before.turn.clone()).unwrap_or_default(),
                ..Asked::default()
            }),
        };
        all.insert(question.clone(), asked.clone());
        Waiting {
            together: self.clone(),
            question,
            asked: Some(asked),
        }
    }

    /// Nobody joins a read any more that may not see what they have just done.
    fn begin(&self, asked: &Asked) {
        let _all = self.asked();
        asked.has_begun.store(true, Relaxed);
    }
}

/// Somebody who waits. The last one to leave, with an answer or without, takes the question along.
struct Waiting {
    together: Together,
    question: Question,
    asked: Option<Arc<Asked>>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut all = self.together.asked();
        drop(self.asked.take());
        if all
            .get(&self.question)
            .is_some_and(|asked| Arc::strong_count(asked) == 1)
        {
            all.remove(&self.question);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use tokio::{
        sync::{Notify, Semaphore},
        task::{JoinSet, yield_now},
    };

    use super::*;

    /// A thing to read that changes, and reads that wait until they are let through.
    struct Read {
        value: AtomicUsize,
        begun: Semaphore,
        go_on: Notify,
    }

    impl Read {
        fn new() -> Arc<Self> {
            Arc::new(Self {
                value: AtomicUsize::new(0),
                begun: Semaphore::new(0),
                go_on: Notify::new(),
            })
        }

        async fn read(&self) -> Result<usize, AppError> {
            let seen = self.value.load(Relaxed);
            self.begun.add_permits(1);
            self.go_on.notified().await;
            Ok(seen)
        }

        async fn has_begun(&self) {
            self.begun.acquire().await.unwrap().forget();
        }
    }

    fn question() -> Question {
        ("test", "one".to_owned())
    }

    fn ask(
        together: &Together,
        read: &Arc<Read>,
    ) -> impl Future<Output = Result<Arc<usize>, AppError>> + Send + use<> {
        let (together, read) = (together.clone(), read.clone());
        async move {
            together
                .ask(question(), || async move { read.read().await })
                .await
        }
    }

    /// Lets those who were started come to where they wait.
    async fn settle() {
        for _ in 0..50 {
            yield_now().await;
        }
    }

    #[tokio::test]
    async fn one_read_answers_all_who_asked_before_it_and_none_who_asked_later() {
        let (together, read) = (Together::default(), Read::new());
        let first = tokio::spawn(ask(&together, &read));
        read.has_begun().await;
        // What is read by the first one is old from now on.
        read.value.store(7, Relaxed);
        let mut later = JoinSet::new();
        for _ in 0..30 {
            later.spawn(ask(&together, &read));
        }
        settle().await;
        assert_eq!(read.begun.available_permits(), 0, "one at a time");
        read.go_on.notify_one();
        assert_eq!(*first.await.unwrap().unwrap(), 0);
        read.has_begun().await;
        read.go_on.notify_one();
        let answers = later.join_all().await;
        assert!(answers.into_iter().all(|answer| *answer.unwrap() == 7));
        assert_eq!(read.begun.available_permits(), 0, "one read for thirty");
        assert!(together.asked().is_empty());
    }

    #[tokio::test]
    async fn who_goes_away_leaves_the_read_to_who_waits() {
        let (together, read) = (Together::default(), Read::new());
        let first = tokio::spawn(ask(&together, &read));
        read.has_begun().await;
        let second = tokio::spawn(ask(&together, &read));
        settle().await;
        let third = tokio::spawn(ask(&together, &read));
        settle().await;
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        read.has_begun().await;
        second.abort();
        assert!(second.await.unwrap_err().is_cancelled());
        read.has_begun().await;
        read.go_on.notify_one();
        assert_eq!(*third.await.unwrap().unwrap(), 0);
        assert!(together.asked().is_empty());
    }

    #[tokio::test]
    async fn a_failure_is_told_to_all_and_kept_for_nobody() {
        let together = Together::default();
        let fail = || async { Err::<usize, _>(AppError::Unavailable) };
        assert_eq!(
            together.ask(question(), fail).await.unwrap_err(),
            AppError::Unavailable
        );
        let answer = together.ask(question(), || async { Ok(1_usize) }).await;
        assert_eq!(*answer.unwrap(), 1);
        assert!(together.asked().is_empty());
    }
}
