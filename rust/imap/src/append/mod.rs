//! Messages on their way to the target, many in flight. RFC 3501 section 6.3.11, RFC 3502, RFC 4315, RFC 7888.
//!
//! [`Appender`] decides how messages are put together into commands and when answers are read; [`command`] what a command looks
//! like; [`outcome`] what an answer means for its messages. Neither side ever waits for the other with both writing: answers
//! are read when the window is full, and a window's answers fit any socket.

mod appender;
mod command;
mod outcome;
mod way;

pub(crate) use appender::Appender;
pub(crate) use command::is_flag;
#[cfg(test)]
pub(crate) use command::message_head;
pub(crate) use way::Way;
