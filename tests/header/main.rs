//! The header in C that an interface makes: that it compiles, and that a C compiler lays everything out as Rust does.

#![allow(clippy::duplicate_mod, reason = "each example brings its own `cli`, as a program of its own")]

mod compiler;
mod interfaces;
mod layouts;
mod names;
mod table;

#[allow(dead_code, reason = "its interface is wanted")]
#[path = "../../examples/null_driver/main.rs"]
mod null_driver;
#[allow(dead_code, reason = "its interface is wanted")]
#[path = "../../examples/simple_user_client/main.rs"]
mod simple_user_client;
#[allow(dead_code, reason = "its interface is wanted")]
#[path = "../../examples/smc/main.rs"]
mod smc;

use interfaces::hostile::hostile_names_of_cClient;
use interfaces::{
    ClassicDriverClient, EmptyClient, EverythingClient, LegacyDriverClient, MappedClient, OnlyMemoryClient,
    SparseClient,
};
use iokit_uc::interface::Interface;

/// Every interface that there is here and in the examples.
fn interfaces() -> [&'static Interface; 11] {
    [
        EverythingClient::INTERFACE,
        hostile_names_of_cClient::INTERFACE,
        ClassicDriverClient::INTERFACE,
        LegacyDriverClient::INTERFACE,
        SparseClient::INTERFACE,
        EmptyClient::INTERFACE,
        MappedClient::INTERFACE,
        OnlyMemoryClient::INTERFACE,
        null_driver::NullDriverClient::INTERFACE,
        simple_user_client::SimpleDriverClient::INTERFACE,
        smc::protocol::AppleSmcClient::INTERFACE,
    ]
}

#[test]
fn the_examples_keep_their_interfaces() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("abi");
    null_driver::NullDriverClient::INTERFACE.assert_abi(folder.join("null_driver.abi"));
    simple_user_client::SimpleDriverClient::INTERFACE.assert_abi(folder.join("simple_user_client.abi"));
    smc::protocol::AppleSmcClient::INTERFACE.assert_abi(folder.join("smc.abi"));
}
