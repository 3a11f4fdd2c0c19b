package dev.tinycounter

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/** [AppStore.store] on [Dispatchers.IO]. It needs kotlinx-coroutines. */
public suspend fun AppStore.awaitStore(): EventStore = withContext(Dispatchers.IO) { store }
