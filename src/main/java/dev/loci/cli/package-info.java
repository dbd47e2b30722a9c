/// The command line: one picocli command a class, and what several of them need. May use every other package.
///
/// Open [Main] first. Only `serve` starts Quarkus; the other commands use the packages below directly. Whatever an
/// operator
/// can put right ends in one line on stderr and exit code 2.
package dev.loci.cli;
