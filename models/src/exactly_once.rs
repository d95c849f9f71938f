//! Sends, receives, closes and selects: one commit each, nothing lost, nothing twice, nobody left waiting who could go on.

use super::actor::Case::{Recv as R, Send as S};
use super::actor::State;
use super::actor::Step::{Await, Close, Recv, Select, Send, TryRecv, TrySend};
use super::scenario::{Scenario, Threads};

#[test]
fn a_rendezvous() {
    Scenario { capacities: &[0], threads: &[&[Send(0, 1)], &[Recv(0)]] }
        .check_also(9, |run| assert_eq!(run.commits(), 2));
}

#[test]
fn messages_stay_in_order() {
    for capacities in [&[0], &[1]] {
        let threads: Threads = &[&[Send(0, 1), Await, Send(0, 2), Await], &[Recv(0), Await, Recv(0), Await]];
        Scenario { capacities, threads }.check_also(4, |run| assert_eq!(run.received(1), [1, 2]));
    }
}

#[test]
fn there_and_back() {
    let threads: Threads = &[&[Send(0, 1), Await, Recv(1), Await], &[Recv(0), Await, Send(1, 2), Await]];
    Scenario { capacities: &[0, 0], threads }.check_also(4, |run| assert_eq!(run.commits(), 4));
}

#[test]
fn two_senders_and_a_receiver() {
    for capacities in [&[0], &[1]] {
        let threads: Threads = &[&[Recv(0), Recv(0)], &[Send(0, 1)], &[Send(0, 2)]];
        Scenario { capacities, threads }.check_also(4, |run| assert_eq!(run.commits(), 4));
    }
}

#[test]
fn a_sender_and_two_receivers() {
    for capacities in [&[0], &[1]] {
        let threads: Threads = &[&[Send(0, 1), Send(0, 2)], &[Recv(0)], &[Recv(0)]];
        Scenario { capacities, threads }.check_also(4, |run| assert_eq!(run.commits(), 4));
    }
}

#[test]
fn what_does_not_wait() {
    for capacities in [&[0], &[1]] {
        let threads: Threads = &[&[TrySend(0, 1), TrySend(0, 2)], &[Recv(0)], &[TryRecv(0)]];
        Scenario { capacities, threads }.check(4);
    }
}

#[test]
fn a_full_buffer_lets_the_next_sender_in() {
    let threads: Threads = &[&[Send(0, 1), Send(0, 2), Send(0, 3)], &[Recv(0)], &[TryRecv(0)]];
    Scenario { capacities: &[1], threads }.check(4);
}

#[test]
fn close_tells_everybody() {
    for capacities in [&[0], &[1]] {
        let threads: Threads = &[&[Close(0)], &[Recv(0), Await], &[Recv(0), Await]];
        Scenario { capacities, threads }.check_also(4, |run| {
            assert_eq!((run.state(1, 0), run.state(2, 0)), (State::Closed(0), State::Closed(0)));
        });
        Scenario { capacities, threads: &[&[Close(0)], &[Send(0, 1), Send(0, 2)], &[Recv(0), Await]] }.check(4);
    }
}

#[test]
fn close_against_a_commit() {
    for capacities in [&[0], &[1]] {
        Scenario { capacities, threads: &[&[Close(0)], &[Send(0, 1)], &[Recv(0)]] }.check(4);
    }
}

#[test]
fn close_against_a_select() {
    let threads: Threads = &[&[Close(0)], &[Select(&[R(0), S(1, 1)]), Await], &[Recv(1)]];
    Scenario { capacities: &[0, 0], threads }.check(4);
    let threads: Threads = &[&[Close(0)], &[Close(1)], &[Select(&[S(0, 1), S(1, 2)]), Await]];
    Scenario { capacities: &[0, 1], threads }.check(4);
}

#[test]
fn of_several_sends_one_commits() {
    for capacities in [&[0, 0], &[0, 1]] {
        let threads: Threads = &[&[Select(&[S(0, 1), S(1, 2)])], &[Recv(0)], &[Recv(1)]];
        Scenario { capacities, threads }.check_also(4, |run| assert_eq!(run.commits(), 2));
    }
}

#[test]
fn of_several_receives_one_commits() {
    let threads: Threads = &[&[Select(&[R(0), R(1)])], &[Send(0, 1)], &[Send(1, 2)]];
    Scenario { capacities: &[0, 0], threads }.check_also(4, |run| assert_eq!(run.commits(), 2));
}

#[test]
fn one_channel_in_two_cases() {
    let threads: Threads = &[&[Select(&[S(0, 1), S(0, 2)])], &[Recv(0)], &[Recv(0)]];
    Scenario { capacities: &[0], threads }.check_also(4, |run| assert_eq!(run.commits(), 2));
}

#[test]
fn a_select_never_meets_itself() {
    let threads: Threads = &[&[Select(&[S(0, 1), R(0)])], &[TryRecv(0)]];
    Scenario { capacities: &[0], threads }
        .check_also(9, |run| assert!(!matches!(run.state(0, 0), State::Received(..))));
    let threads: Threads = &[&[Select(&[S(0, 1), R(0)])], &[Recv(0)], &[Send(0, 2)]];
    Scenario { capacities: &[0], threads }.check_also(4, |run| assert_eq!(run.commits(), 2));
}

#[test]
fn selects_on_both_sides_of_one_channel_meet_each_other() {
    let threads: Threads = &[&[Select(&[S(0, 1), R(0)])], &[Select(&[S(0, 2), R(0)])]];
    Scenario { capacities: &[0], threads }.check_also(9, |run| assert_eq!(run.commits(), 2));
    let threads: Threads = &[&[Select(&[S(0, 1), R(0)])], &[Select(&[S(0, 2), R(0)])], &[Select(&[R(0), S(0, 3)])]];
    Scenario { capacities: &[0], threads }.check_also(4, |run| assert_eq!(run.commits(), 2));
}

#[test]
fn crossed_selects() {
    for capacities in [&[0, 0], &[0, 1]] {
        let threads: Threads = &[&[Select(&[S(0, 1), R(1)])], &[Select(&[R(0), S(1, 2)])]];
        Scenario { capacities, threads }.check_also(9, |run| assert!(run.commits() > 0));
    }
    let threads: Threads = &[&[Select(&[S(0, 1), R(1)])], &[Select(&[R(0), S(1, 2)])], &[Recv(1)]];
    Scenario { capacities: &[0, 0], threads }.check_also(4, |run| assert_eq!(run.commits(), 2));
}

#[test]
fn selects_in_a_ring() {
    let threads: Threads = &[&[Select(&[S(0, 1), R(2)])], &[Select(&[S(1, 2), R(0)])], &[Select(&[S(2, 3), R(1)])]];
    Scenario { capacities: &[0, 0, 0], threads }.check_also(4, |run| assert_eq!(run.commits(), 2));
}

#[test]
fn a_chosen_select_is_absent_for_all_others() {
    // The select's second case is stale as soon as one of the two senders is served.
    let threads: Threads = &[&[Select(&[R(0), R(1)]), Await, Recv(1)], &[Send(0, 1)], &[Send(1, 2)]];
    Scenario { capacities: &[0, 0], threads }.check_also(4, |run| assert!(run.commits() >= 2));
}
