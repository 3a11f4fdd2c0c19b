import java.io.File;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThreeUsesTest {
    @Test
    void usageIsCountedAcrossRestarts(@TempDir File folder) {
        ThreeUses.usage(folder);
    }

    @Test
    void aScreenFollowsTheCounts() {
        ThreeUses.screen();
    }

    @Test
    void aLimitDecides() {
        ThreeUses.decision();
    }

    @Test
    void twoStoresSync() {
        ThreeUses.sync();
    }
}
