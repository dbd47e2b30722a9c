package dev.loci.perf;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/// One HTTP/1.1 connection of a [Loop], which never blocks. Closing it in the middle of an answer is how a client
/// cancels.
final class Link {
    private final SocketChannel channel;
    private final SelectionKey key;
    private final Answer answer = new Answer();
    private ByteBuffer out = ByteBuffer.allocate(0);

    private Link(SocketChannel channel, Selector selector) throws IOException {
        this.channel = channel;
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        key = channel.register(selector, SelectionKey.OP_CONNECT, this);
    }

    static Link open(InetSocketAddress address, Selector selector) throws IOException {
        SocketChannel channel = SocketChannel.open();
        boolean opened = false;
        try {
            Link link = new Link(channel, selector);
            if (channel.connect(address)) {
                link.key.interestOps(SelectionKey.OP_READ);
            }
            opened = true;
            return link;
        } finally {
            if (!opened) {
                channel.close();
            }
        }
    }

    Answer answer() {
        return answer;
    }

    void send(byte[] request) throws IOException {
        answer.begin();
        out = ByteBuffer.wrap(request);
        if (channel.isConnected()) {
            flush();
        }
    }

    /// Goes on with what the socket is ready for; true where there is something to read.
    boolean isReadable() throws IOException {
        if (key.isConnectable() && channel.finishConnect()) {
            flush();
        } else if (key.isWritable()) {
            flush();
        }
        return key.isReadable();
    }

    private void flush() throws IOException {
        channel.write(out);
        int wanted = out.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
        if (key.interestOps() != wanted) {
            key.interestOps(wanted);
        }
    }

    /// Takes what has come.
    /// @param direct for the system call
    /// @param bytes  for the answer, which borrows them
    void read(ByteBuffer direct, byte[] bytes) throws IOException {
        direct.clear();
        int count = channel.read(direct);
        if (count < 0) {
            answer.close();
        } else if (count > 0) {
            direct.flip().get(bytes, 0, count);
            answer.offer(bytes, count);
        }
    }

    void close() {
        try {
            channel.close();
        } catch (IOException _) {
            // the connection is given up in any case
        }
    }
}
