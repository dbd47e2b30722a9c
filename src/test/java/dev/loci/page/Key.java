package dev.loci.page;

/// Keys that are no characters, as WebDriver names them.
enum Key {
    TAB('\uE004'),
    ENTER('\uE007'),
    ESCAPE('\uE00C'),
    SPACE('\uE00D'),
    END('\uE010'),
    HOME('\uE011'),
    LEFT('\uE012'),
    RIGHT('\uE014');

    private final char code;

    Key(char code) {
        this.code = code;
    }

    char code() {
        return code;
    }
}
